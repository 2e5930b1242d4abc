import Foundation
import Testing

@testable import HeadraceCompiler

/// `headrace evaluate split` on networks that say which of red, green and blue a picture has most of.
@Suite struct EvaluateSplitTests {
  private enum Part { case head, tail, whole }

  /// The head finds the largest of 3 x 3 pixels, in layers of red, and of green and blue; the tail does too, and
  /// averages.
  private func network(_ part: Part) throws -> Data {
    let head = SmallONNX.quantizedLargest(part == .head ? "y" : "l")
    let tail = [
      SmallONNX.largest(part == .tail ? "x" : "l", "n"),
      SmallONNX.node("GlobalAveragePool", ["n"], "m"), SmallONNX.node("Flatten", ["m"], "f"),
      SmallONNX.node("Softmax", ["f"], "y"),
    ]
    var metadata = part == .tail ? [:] : ["headrace.color": "rgb"]
    if part == .head { metadata["headrace.latent.layers"] = "1 2" }
    return try SmallONNX.file(
      (part == .tail ? [] : head) + (part == .head ? [] : tail), x: [1, 3, 8, 8],
      y: part == .head ? [1, 3, 8, 8] : [1, 3], quantization: part == .tail ? nil : (1 / 255, -128),
      metadata: metadata)
  }

  /// Networks, a list, and pictures of which the first has most red, and so on.
  private func withDataSet(_ body: (URL) throws -> Void) throws {
    try Command.withFolder { folder in
      func write(_ data: Data, _ name: String) throws {
        try data.write(to: folder.appendingPathComponent(name))
      }
      for (part, name) in [(Part.head, "head"), (.tail, "tail"), (.whole, "whole")] {
        try write(network(part), name + ".onnx")
        let head = part == .tail ? ["--head", folder.path + "/head.hrm"] : []
        let result = try Command.run(
          ["compile", folder.path + "/\(name).onnx", "-o", folder.path + "/\(name).hrm"] + head)
        #expect(result.status == 0, "\(result.error)")
      }
      for color in 0..<3 {
        let pixel: [UInt8] = (0..<3).map { $0 == color ? 200 : 30 }
        let pixels = (0..<16 * 12).flatMap { _ in pixel }
        try write(Data("P6\n16 12\n255\n".utf8) + pixels, "\(color).ppm")
      }
      try write(Data("0.ppm, 7, 0\n1.ppm, 7, 1\n2.ppm, 7, 2\n".utf8), "test.txt")
      try body(folder)
    }
  }

  private func evaluate(_ folder: URL, _ options: String...) throws -> Command.Result {
    try Command.run(
      [
        "evaluate", "split", folder.path, "--models", folder.path, "--no-bottlefit", "--no-peers",
        "--quiet",
      ] + options)
  }

  @Test func everyRateAndFileHasItsBytesAndAccuracy() throws {
    try withDataSet { folder in
      let report = folder.path + "/report"
      let result = try evaluate(
        folder, "--unsplit", folder.path + "/whole.hrm", "--jpeg", "90", "--json", "-o", report)
      #expect(result.status == 0, "\(result.error)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(object["pictures"] as? Int == 3)
      let methods = try #require(object["methods"] as? [[String: Any]])
      func method(_ name: String) -> [String: Any] {
        methods.first { $0["name"] as? String == name } ?? [:]
      }
      #expect(
        methods.compactMap { $0["name"] as? String } == [
          "unsplit", "split, rate 0", "split, rate 1", "split, raw latent",
          "JPEG, quality 90, unsplit",
        ])
      #expect(method("unsplit")["accuracy"] as? Double == 1)
      #expect(method("unsplit")["mean_bytes"] == nil)
      // Where there is red alone, red wins.
      #expect(abs((method("split, rate 0")["accuracy"] as? Double ?? 0) - 1.0 / 3) < 1e-9)
      #expect(method("split, rate 1")["accuracy"] as? Double == 1)
      #expect(method("split, raw latent")["mean_bytes"] as? Double == 192)
      #expect(method("split, raw latent")["accuracy"] as? Double == 1)
      #expect(method("JPEG, quality 90, unsplit")["accuracy"] as? Double == 1)
      let (low, high) = (method("split, rate 0"), method("split, rate 1"))
      let bytes = try #require(high["mean_bytes"] as? Double)
      #expect(bytes > 24 && bytes < 192)
      #expect((low["mean_bytes"] as? Double ?? 0) < bytes)
      #expect((high["p99_bytes"] as? Double ?? 0) >= bytes)
      let lossless = try #require((object["lossless"] as? [[String: Any]])?.first)
      #expect(abs((lossless["below_raw"] as? Double ?? 0) - (1 - bytes / 192)) < 1e-9)
      let written = try String(contentsOfFile: report + "/split.md", encoding: .utf8)
      #expect(written.contains("| split, rate 1 |") && written.contains("on 3 pictures"))
      #expect(FileManager.default.fileExists(atPath: report + "/split.json"))
    }
  }

  @Test func withoutTheWholeNetworkThereAreNoFiles() throws {
    try withDataSet { folder in
      let result = try evaluate(folder, "--json", "--every", "2")
      #expect(result.status == 0, "\(result.error)")
      #expect(!result.output.contains("JPEG") && result.output.contains(#""pictures":2"#))
    }
  }

  @Test func whatIsWrongWithAListIsSaidBeforeAnythingIsMeasured() throws {
    try withDataSet { folder in
      for (list, part) in [
        ("0.ppm, red\n", "line 1"), ("0.ppm\n", "line 1"), ("\n", "no picture"),
        ("9.ppm, 0\n", "9.ppm"), ("0.ppm, -1\n", "line 1"),
      ] {
        try Data(list.utf8).write(to: folder.appendingPathComponent("list.txt"))
        let result = try evaluate(folder, "--list", folder.path + "/list.txt")
        #expect(result.status == 1 && result.error.contains(part), "\(result.error)")
      }
      let absent = try evaluate(folder, "--unsplit", folder.path + "/none.hrm")
      #expect(absent.status == 1 && absent.error.contains("none.hrm"))
      for (name, bytes, part) in [
        ("cut", try network(.whole).dropLast(7), "cut.onnx: not a complete ONNX file"),
        (
          "loop",
          try SmallONNX.file(
            [SmallONNX.node("Loop", ["x"], "y")], x: [1, 3, 8, 8], y: [1, 3], quantization: nil,
            metadata: [:]), "loop.onnx: node Loop_0"
        ),
      ] {
        let path = folder.path + "/\(name).onnx"
        try bytes.write(to: URL(fileURLWithPath: path))
        let unread = try evaluate(folder, "--unsplit", path)
        #expect(unread.status == 1 && unread.error.contains(part), "\(unread.error)")
      }
      #expect(try evaluate(folder, "--every", "0").status == 2)
      #expect(try evaluate(folder, "--jpeg", "10,101").status == 2)
    }
  }

  @Test(arguments: [[4], [1, 4], [1, 3, 8, 8]] as [[Int64]])
  func aWholeNetworkThatTakesNoPicturesIsNamed(_ shape: [Int64]) throws {
    try withDataSet { folder in
      let path = folder.path + "/flat.onnx"
      try SmallONNX.file(
        [SmallONNX.node("Relu", ["x"], "y")], x: shape, y: shape, quantization: nil, metadata: [:]
      ).write(to: URL(fileURLWithPath: path))
      let result = try evaluate(folder, "--unsplit", path)
      #expect(result.status == 1)
      #expect(
        result.error.contains("flat.onnx: its first input takes no pictures"), "\(result.error)")
    }
  }

  /// What stands in for Python sends the signal and goes on.
  @Test(arguments: [("HUP", #"trap "" HUP; exec "$0" "$@""#, 1), ("TERM", #"exec "$0" "$@""#, 143)])
  func aSignalThatIsIgnoredFromTheStartEndsNothing(
    _ signal: String, _ shell: String, _ status: Int32
  ) throws {
    try withDataSet { folder in
      let python = folder.appendingPathComponent("python")
      try Data("#!/bin/sh\nkill -\(signal) $PPID\nsleep 1\necho no numpy >&2\nexit 1\n".utf8)
        .write(to: python)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: python.path)
      let result = try Command.run(
        [
          "evaluate", "split", folder.path, "--models", folder.path, "--no-bottlefit", "--quiet",
          "--python", python.path,
        ], shell: shell)
      #expect(result.status == status, "\(result.error)")
      #expect(result.error.contains("no numpy") == (status == 1))
    }
  }
}
