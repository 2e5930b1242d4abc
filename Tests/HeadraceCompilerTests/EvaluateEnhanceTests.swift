import Foundation
import Testing

/// Runs `headrace evaluate enhance` without Python, or with what stands in for it.
@Suite struct EvaluateEnhanceTests {
  /// A report as others read it.
  private struct Report: Decodable {
    /// Decibels, which may be the text "infinity".
    struct Decibels: Decodable {
      let value: Double

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self), text == "infinity" {
          value = .infinity
        } else {
          value = try container.decode(Double.self)
        }
      }
    }
    struct Figures: Decodable {
      var psnr: Decibels?
      var ssim: Double?
      var niqe: Double?
      var milliseconds: Double?
    }
    struct Method: Decodable {
      var name: String
      var kind: String
      var parameters: Int?
      var gmac: Double?
      var mean: Figures
      var pictures: [Figures]
    }
    struct WellLit: Decodable {
      struct Picture: Decodable {
        var name: String
        var psnr: Decibels
        var strength: Double
      }
      var folder: String
      var method: String
      var pictures: [Picture]
    }
    struct Published: Decodable {
      var name: String
      var origin: String
    }
    var classical: String?
    var niqe: String?
    var pictures: [String]
    var sizes: [String]
    var methods: [Method]
    var published: [Published]
    var wellLit: [WellLit]

    enum CodingKeys: String, CodingKey {
      case classical, niqe, pictures, sizes, methods, published
      case wellLit = "well_lit"
    }

    init(_ text: String) throws {
      self = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
    }

    func method(_ name: String) throws -> Method {
      try #require(methods.first { $0.name == name })
    }
  }

  private static func beside(_ path: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(path)
      .standardized.path
  }
  private static let models = beside("../../Sources/Models")
  private static let scripts = beside("../bench/evaluate")
  private static let bare = ["--no-peers", "--no-niqe", "--no-plots"]

  private func evaluate(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Command.Result {
    let places = ["HEADRACE_MODELS": Self.models, "HEADRACE_EVALUATE": Self.scripts]
    // Networks of the other tiers take minutes in a build for debugging.
    let tier = arguments.isEmpty || arguments.contains("--tier") ? [] : ["--tier", "nano"]
    return try Command.run(
      ["evaluate", "enhance"] + arguments + tier,
      environment: places.merging(environment) { $1 })
  }

  /// Stripes and noise: codes from `least` to nearly `least` plus `range`.
  private func ppm(
    _ width: Int, _ height: Int, seed: UInt32, least: Int, range: Int
  ) -> Data {
    var state = seed
    var data = Data("P6\n\(width) \(height)\n255\n".utf8)
    for index in 0..<3 * width * height {
      state = state &* 1_664_525 &+ 1_013_904_223
      let (x, y) = (index / 3 % width, index / 3 / width)
      let stripes = (x / 4 + y / 3) % 4 * range / 8
      data.append(UInt8(min(255, least + stripes + Int(state >> 24) * range / 512)))
    }
    return data
  }

  private func write(_ data: Data, _ path: String, in folder: URL) throws {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  /// Three dark pictures with their truths.
  private func withPairs(_ body: (URL) throws -> Void) throws {
    try Command.withFolder { folder in
      for (name, width, height) in [("2.ppm", 40, 30), ("10.ppm", 11, 11)] {
        try write(ppm(width, height, seed: 7, least: 4, range: 40), "low/" + name, in: folder)
        try write(ppm(width, height, seed: 8, least: 140, range: 100), "high/" + name, in: folder)
      }
      try write(ppm(40, 30, seed: 7, least: 4, range: 40), "low/11.ppm", in: folder)
      try write(ppm(40, 30, seed: 9, least: 6, range: 44), "high/11.ppm", in: folder)
      try body(folder)
    }
  }

  @Test func figuresAreThoseOfScikitImage() throws {
    try withPairs { folder in
      let result = try evaluate([folder.path, "--json"] + Self.bare)
      #expect(result.status == 0, "\(result.error)")
      let report = try Report(result.output)
      #expect(report.pictures == ["2.ppm", "10.ppm", "11.ppm"])
      #expect(report.sizes == ["40x30", "11x11", "40x30"])
      let dark = try report.method("dark, as it is")
      // peak_signal_noise_ratio and structural_similarity of scikit-image 0.26, with Gaussian weights of 1.5 and
      // the population's covariance, of the same pictures.
      let expected = [
        (3.901681659938581, 0.08337036659941784), (3.9122621303799052, 0.08661475369559113),
        (28.789889006536335, 0.5912685394067955),
      ]
      for (figures, (psnr, ssim)) in zip(dark.pictures, expected) {
        #expect(abs(try #require(figures.psnr).value - psnr) < 1e-9)
        #expect(abs(try #require(figures.ssim) - ssim) < 1e-9)
      }
      let mean = expected.reduce(0) { $0 + $1.0 } / 3
      #expect(abs(try #require(dark.mean.psnr).value - mean) < 1e-9)
      let truth = try report.method("truth")
      #expect(truth.pictures.allSatisfy { $0.psnr?.value == .infinity && $0.ssim == 1 })
    }
  }

  @Test func everyTierIsMeasuredInEveryArithmetic() throws {
    try withPairs { folder in
      let result = try evaluate([folder.path, "-o", folder.path + "/report"] + Self.bare)
      #expect(result.status == 0, "\(result.error)")
      let text = try String(contentsOfFile: folder.path + "/report/enhance.md", encoding: .utf8)
      #expect(text == result.output && !text.contains(".png"))
      let report = try Report(
        String(contentsOfFile: folder.path + "/report/enhance.json", encoding: .utf8))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/report").count == 2)
      #expect(
        report.methods.map(\.name) == [
          "dark, as it is", "headrace nano, fixed", "headrace nano, float32", "truth",
        ])
      #expect(report.published.count == 7 && report.niqe == nil && report.classical == nil)
      // Of the card: 5,109 parameters and 1.41 million products of the network, 9 more a pixel.
      let pixels = (1200.0 + 121 + 1200) / 3
      for method in report.methods where method.kind == "headrace" {
        #expect(method.parameters == 5109)
        #expect(abs(try #require(method.gmac) - (1.41e6 + 9 * pixels) / 1e9) < 1e-5)
        #expect(method.pictures.allSatisfy { ($0.milliseconds ?? 0) > 0 })
        // Brightness is not the truth's, but it is far nearer.
        #expect(try #require(method.pictures[0].psnr).value > 6)
        let mean = try #require(method.mean.psnr).value
        #expect(text.contains("| \(method.name) | this run | 5,109 | 0.0014 |"))
        #expect(text.contains(String(format: "| %.2f |", mean)))
      }
      #expect(
        text.contains("| Zero-DCE | run elsewhere | 79,416 | 19.00 | 14.86 | 0.559 | - | - |"))
      #expect(text.contains("| IAGC | claimed | - | - | 24.53 | 0.842 | - | - |"))
      #expect(text.contains("NIQE was not measured"))
    }
  }

  @Test func tiersAndTypesAreChosen() throws {
    try withPairs { folder in
      let result = try evaluate(
        [folder.path, "--tier", "nano", "--type", "float32", "--json", "-q"] + Self.bare)
      #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
      let names = try Report(result.output).methods.map(\.name)
      #expect(names == ["dark, as it is", "headrace nano, float32", "truth"])
    }
  }

  @Test func wellLitPicturesComeBackAndDarkOnesDoNot() throws {
    try withPairs { folder in
      try write(
        ppm(60, 50, seed: 3, least: 150, range: 100), "day/light.ppm", in: folder)
      let result = try evaluate(
        [
          folder.path, "--type", "fixed", "--well-lit", folder.path + "/day", "--well-lit",
          folder.path + "/low", "-o", folder.path + "/r",
        ] + Self.bare)
      #expect(result.status == 0, "\(result.error)")
      let report = try Report(
        String(contentsOfFile: folder.path + "/r/enhance.json", encoding: .utf8))
      #expect(report.wellLit.map(\.pictures.count) == [3, 1, 3])
      let (high, day, low) = (report.wellLit[0], report.wellLit[1], report.wellLit[2])
      for picture in high.pictures.prefix(2) + day.pictures {
        #expect(picture.psnr.value == .infinity && picture.strength == 0)
      }
      for picture in [high.pictures[2]] + low.pictures {
        #expect(picture.psnr.value < 30 && picture.strength == 1)
      }
      #expect(result.output.contains("| high | headrace nano, fixed | 3 | 2 | 2 | "))
      #expect(result.output.contains("| day | headrace nano, fixed | 1 | 1 | 1 | - |"))
      #expect(result.output.contains("| low | headrace nano, fixed | 3 | 0 | 0 | "))
    }
  }

  @Test func whatIsWrongWithPicturesIsSaidAndNothingIsWritten() throws {
    let good = ppm(40, 30, seed: 1, least: 4, range: 40)
    let jpeg = Data([0xff, 0xd8, 0xff, 0xe0]) + Data(count: 50)
    for (low, high, complaint) in [
      ([:], [:], "low: is no folder; name one with dark pictures"),
      (["a.ppm": good], [:], "high: is no folder; name one with bright pictures"),
      (["a.txt": good], ["a.ppm": good], "low: holds no PNG, JPEG or PPM"),
      (["a.ppm": good], ["b.ppm": good], "high: lacks a.ppm, which"),
      (["a.ppm": good, "b.ppm": good, "c.ppm": good], ["c.ppm": good], "lacks a.ppm and 1 more"),
      (["a.ppm": good], ["a.ppm": good, "b.jpg": good], "low: lacks b.jpg, which"),
      (
        ["a.ppm": good], ["a.ppm": ppm(30, 40, seed: 1, least: 4, range: 40)],
        "low/a.ppm: is 40x30, but "
      ),
      (["a.ppm": good], ["a.ppm": ppm(41, 30, seed: 1, least: 4, range: 40)], "is 41x30; both"),
      (
        ["a.ppm": ppm(1, 1, seed: 1, least: 4, range: 40)],
        ["a.ppm": ppm(1, 1, seed: 1, least: 4, range: 40)], "a.ppm: is 1x1, and SSIM"
      ),
      (["a.ppm": good.dropLast(9)], ["a.ppm": good], "low/a.ppm"),
      (["a.ppm": good], ["a.ppm": good.dropLast(9)], "high/a.ppm"),
      (["a.jpg": jpeg], ["a.jpg": jpeg], "replace the picture or leave it out"),
      (["a.ppm": Data()], ["a.ppm": good], "low/a.ppm"),
    ] as [([String: Data], [String: Data], String)] {
      try Command.withFolder { folder in
        for (name, data) in low { try write(data, "low/" + name, in: folder) }
        for (name, data) in high { try write(data, "high/" + name, in: folder) }
        let output = folder.path + "/r"
        let result = try evaluate([folder.path, "-o", output] + Self.bare)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(
          result.error.hasPrefix("headrace: error: ") && result.error.contains(complaint),
          "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: output))
      }
    }
  }

  @Test func whatIsWrongWithTheRestIsSaidAndNothingIsWritten() throws {
    try withPairs { folder in
      let output = folder.path + "/r"
      for (arguments, environment, complaint) in [
        (["--well-lit", folder.path + "/none"], [:], "none: is no folder"),
        ([], ["HEADRACE_MODELS": folder.path], "is not there; run 'boards/run host build'"),
        (["--pristine", folder.path + "/none"], [:], "none: is not there; --pristine takes"),
        (["--python", folder.path + "/none"], [:], "none: cannot be run"),
      ] as [([String], [String: String], String)] {
        let options = arguments.contains("--pristine") ? ["--no-peers"] : Self.bare
        let python = arguments.contains("--python")
        let result = try evaluate(
          [folder.path, "-o", output] + arguments + (python ? [] : options), environment)
        #expect(result.status == 1 && result.error.contains(complaint), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: output))
      }
      let idle = try evaluate([folder.path, "-o", output, "--python", "p"] + Self.bare)
      #expect(idle.status == 2 && idle.error.contains("there are none; leave it out"))
      #expect(!FileManager.default.fileExists(atPath: output))
      let plain = ["--python", "p", "--no-peers", "--no-niqe"]
      #expect(try evaluate([folder.path] + plain).status == 2)
      let plots = try evaluate([folder.path, "-o", output] + plain)
      #expect(plots.status == 1 && plots.error.contains("p: cannot be run"), "\(plots.error)")
      let none = try evaluate([folder.path + "/none", "-o", output] + Self.bare)
      #expect(none.status == 1 && none.error.contains("none: is no folder; name one with pairs"))
      try write(Data(), "r", in: folder)
      let full = try evaluate([folder.path, "-o", output] + Self.bare)
      #expect(full.status == 1 && full.error.contains("r: cannot make the folder"))
    }
  }

  @Test func wrongUsageExitsWithTwo() throws {
    for arguments in [
      [], ["a", "b"], ["a", "-o", ""], ["a", "--tier", "best"], ["a", "--tier", "nano,nano"],
      ["a", "--tier", ""], ["a", "--type", "int8"], ["a", "--pristine", "b", "--no-niqe"],
    ] {
      #expect(try evaluate(arguments).status == 2, "\(arguments)")
    }
  }

  /// A stand-in for Python: what it does with a script's path and arguments.
  private func python(_ folder: URL, _ cases: String) throws -> String {
    let file = folder.appendingPathComponent("python")
    try Data("#!/bin/sh\ncase \"$2\" in\n\(cases)\nesac\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file.path
  }

  @Test func pythonsPackagesAreNamedWithWhatDoesWithout() throws {
    try withPairs { folder in
      let bare = try python(folder, "-c) echo numpy >&2; exit 1 ;;")
      let lacking = try evaluate([folder.path, "--python", bare])
      #expect(
        lacking.status == 1 && lacking.error.contains("lacks what the evaluation uses (numpy)"))
      let absent = try evaluate(
        [folder.path], ["PATH": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"])
      #expect(absent.status == 1 && absent.error.contains("there is no python3"))
      #expect(absent.error.contains("--no-peers --no-niqe --no-plots\n"))
      try write(Data(), "low/12.png", in: folder)
      try write(Data(), "high/12.png", in: folder)
      let png = try evaluate(
        [folder.path] + Self.bare, ["PATH": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"])
      #expect(png.status == 1 && png.error.contains("with PNGs converted to PPM"))
    }
  }

  @Test func jpegsAndPPMsAreMeasuredWithoutPython() throws {
    try withPairs { folder in
      let nowhere = ["PATH": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"]
      let result = try evaluate([folder.path, "--type", "fixed"] + Self.bare, nowhere)
      #expect(result.status == 0, "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/cache"))
    }
  }

  @Test func picturesThatAScriptConvertsAreRead() throws {
    try Command.withFolder { folder in
      let dark = ppm(40, 30, seed: 7, least: 4, range: 40)
      try write(dark, "low/a.png", in: folder)
      try write(ppm(40, 30, seed: 8, least: 140, range: 100), "high/a.png", in: folder)
      let copying = try python(folder, #"*enhance_pictures.py) cp "$3/a.png" "$4/a.png.ppm" ;;"#)
      let result = try evaluate([folder.path, "--python", copying, "--json"] + Self.bare)
      #expect(result.status == 0, "\(result.error)")
      let psnr = try Report(result.output).methods[0].pictures[0].psnr
      #expect(abs(try #require(psnr).value - 3.901681659938581) < 1e-9)
      let failing = try python(
        folder, #"*enhance_pictures.py) echo "$3/a.png: is cut off" >&2; exit 1 ;;"#)
      let refused = try evaluate([folder.path, "--python", failing] + Self.bare)
      #expect(refused.status == 1 && refused.error.contains("low/a.png: is cut off"))
    }
  }

  /// Stand-ins for what scripts say about one picture.
  @Test(arguments: [
    (#"{"picture":0,"results":[{"file":"FILE","milliseconds":2.5}]}"#, "", 3, ""),
    (#"{"picture":1,"results":[{"file":"FILE","milliseconds":2.5}]}"#, "", 3, "was not asked"),
    (#"{"picture":0,"results":[]}"#, "", 3, "was not asked"),
    ("", "", 3, "enhance_classical.py answered about 0 of 1 pictures"),
    ("Traceback", "", 3, "enhance_classical.py wrote what is no answer: Traceback"),
    (#"{"picture":0,"results":[{"file":"FILE","milliseconds":2.5}]}"#, "exit 1", 3, "what it said"),
    (
      #"{"picture":0,"results":[{"file":"FILE","milliseconds":2.5}]}"#, "", 2,
      "enhance_niqe.py answered about 3 of 4 pictures"
    ),
  ])
  func whatScriptsFindJoinsWhatWeDo(
    line: String, end: String, last: Int, complaint: String
  ) throws {
    try Command.withFolder { folder in
      try write(ppm(40, 30, seed: 7, least: 4, range: 40), "low/a.ppm", in: folder)
      let truth = ppm(40, 30, seed: 8, least: 140, range: 100)
      try write(truth, "high/a.ppm", in: folder)
      let answer = line.replacingOccurrences(of: "FILE", with: folder.path + "/high/a.ppm")
      let standIn = try python(
        folder,
        """
        *enhance_classical.py)
          echo '{"about":"Stretched.","methods":["stretch"]}'
          \(answer.isEmpty ? ":" : "echo '\(answer)'")
          \(end.isEmpty ? ":" : "echo what it said >&2; \(end)") ;;
        *enhance_niqe.py)
          echo '{"about":"with a model of its own."}'
          for method in $(seq 0 \(last)); do echo "{\\"method\\":$method,\\"picture\\":0,\\"niqe\\":$method.5}"; done ;;
        *enhance_plots.py) echo cost >"$5/enhance-cost.png"; echo sheet >"$5/enhance-pictures.png" ;;
        """)
      let output = folder.path + "/r"
      let result = try evaluate(
        [folder.path, "--type", "fixed", "--python", standIn, "-q", "-o", output])
      guard complaint.isEmpty else {
        #expect(result.status == 1 && result.error.contains(complaint), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: output))
        return
      }
      #expect(result.status == 0 && result.output.isEmpty, "\(result.error)")
      let report = try Report(String(contentsOfFile: output + "/enhance.json", encoding: .utf8))
      #expect(
        report.methods.map(\.name) == [
          "dark, as it is", "stretch", "headrace nano, fixed", "truth",
        ]
      )
      #expect(report.methods.map(\.mean.niqe) == [0.5, 1.5, 2.5, 3.5])
      let stretch = report.methods[1].pictures[0]
      #expect(stretch.milliseconds == 2.5 && stretch.psnr?.value == .infinity && stretch.ssim == 1)
      let text = try String(contentsOfFile: output + "/enhance.md", encoding: .utf8)
      #expect(text.contains("| stretch | this run | - | - | inf | 1.000 | 1.50 | 2.5 |"))
      #expect(text.contains("Stretched. NIQE (lower is better): with a model of its own."))
      #expect(text.contains("](enhance-cost.png)") && text.contains("](enhance-pictures.png)"))
      #expect(try String(contentsOfFile: output + "/enhance-cost.png", encoding: .utf8) == "cost\n")
    }
  }
}
