import CHeadrace
import Foundation
import Testing

@testable import HeadraceCompiler

/// Runs the built `headrace`.
@Suite struct CommandTests {
  private func run(_ arguments: String...) throws -> Command.Result { try Command.run(arguments) }

  private func run(_ arguments: [String]) throws -> Command.Result { try Command.run(arguments) }

  /// y = relu(x) for x of 1 x 4, as a serialized ModelProto.
  private var network: Data { get throws { try network([1, 4]) } }

  private func network(_ shape: [Int64]) throws -> Data {
    func value(_ name: String) -> Onnx_ValueInfoProto {
      var value = Onnx_ValueInfoProto()
      value.name = name
      value.type.tensorType.elemType = 1
      for extent in shape {
        var dim = Onnx_TensorShapeProto.Dimension()
        dim.dimValue = extent
        value.type.tensorType.shape.dim.append(dim)
      }
      return value
    }
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output) = ("Relu", ["x"], ["y"])
    var opset = Onnx_OperatorSetIdProto()
    opset.version = 17
    var model = Onnx_ModelProto()
    model.irVersion = 8
    model.opsetImport = [opset]
    (model.graph.node, model.graph.input, model.graph.output) = (
      [node], [value("x")], [value("y")]
    )
    return try model.serializedData()
  }

  @Test func nothingThatIsReadIsOverwritten() throws {
    try Command.withFolder { folder in
      let (input, model) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      try network.write(to: URL(fileURLWithPath: input))
      let samples = folder.appendingPathComponent("samples")
      try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
      let kept = Data("kept".utf8)
      let (sample, labels) = (samples.path + "/x.npy", folder.path + "/labels.txt")
      for path in [sample, labels] { try kept.write(to: URL(fileURLWithPath: path)) }
      for arguments in [
        ["-o", input], ["-o", sample, "--type", "int8", "--calibrate", samples.path],
        ["-o", sample, "--type", "int8", "--calibrate", "x=" + sample],
        ["-o", model, "--report", labels, "--labels", labels], ["-o", model, "--report", model],
        ["-o", model, "--report", samples.path + "/../a.hrm"],
      ] {
        let result = try run(["compile", input] + arguments)
        #expect(result.status == 1)
        #expect(result.error.contains("choose another"))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: input)) == network)
      for path in [sample, labels] {
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == kept)
      }
      #expect(!FileManager.default.fileExists(atPath: model))
    }
  }

  @Test func aPlaceWhereNothingCanBeWrittenIsRefusedBeforeSamplesAreRead() throws {
    try Command.withFolder { folder in
      let (input, model) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      try network.write(to: URL(fileURLWithPath: input))
      let none = folder.path + "/none"
      let isFolder = "\(folder.path): exists and is not a regular file"
      for (arguments, complaint) in [
        (["-o", folder.path], isFolder), (["-o", model, "--report", folder.path], isFolder),
        (["-o", none + "/a.hrm"], "\(none)/a.hrm: \(none) is no folder"),
        (["-o", none + "/../a.hrm"], "\(none)/../a.hrm: \(none)/.. is no folder"),
        (["-o", model, "--report", none + "/a.json"], "\(none)/a.json: \(none) is no folder"),
      ] {
        // Were samples read first, that they are not there would be said.
        let result = try Command.run(
          ["compile", input, "--type", "int8", "--calibrate", none] + arguments)
        #expect(result.status == 1 && result.error.contains(complaint), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: model))
      }
    }
  }

  @Test func aNetworkBecomesAModelThatInspectReads() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      try network.write(to: URL(fileURLWithPath: input))
      let compiled = try run("compile", input, "-o", output)
      #expect(compiled.status == 0)
      #expect(compiled.output.contains(": 1 operator, "))
      let inspected = try run("inspect", output, "--json")
      #expect(inspected.status == 0)
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
      #expect((object["metadata"] as? [String: String])?["source"]?.hasPrefix("a.onnx") ?? false)
    }
  }

  @Test func whatIsTakenForGrantedAboutPicturesIsSaid() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      try network([1, 8, 8, 3]).write(to: URL(fileURLWithPath: input))
      let silent = try run("compile", input, "-o", output)
      #expect(silent.output.contains("note: pictures are RGB, of pixels from 0 to 1"))
      let said = try run(
        "compile", input, "-o", output, "--color", "bgr", "--mean", "0.5", "--std", "0.25,0.5,0.125"
      )
      #expect(said.status == 0 && !said.output.contains("note: pictures"))
      #expect(
        try run("inspect", output).output.contains(
          "frames for x: BGR, fitted by crop, pixels 0 ... 255 become -2 ... 2, -1 ... 1, -4 ... 4")
      )
    }
  }

  @Test func whatANetworkLeavesOpenOrStatesWronglyIsSaid() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      func compiled(_ x: [Int64?], _ y: [Int64?], _ arguments: String...) throws -> String {
        let file = try SmallONNX.file(
          [SmallONNX.node("Relu", ["x"], "y")], x: x, y: y, quantization: nil, metadata: [:])
        try file.write(to: URL(fileURLWithPath: input))
        let result = try Command.run(["compile", input, "-o", output] + arguments)
        #expect(result.status == 0, "\(result.error)")
        return result.output
      }
      let open = try compiled([nil, 5], [nil, 5])
      #expect(open.contains("note: input x: the first extent is open and taken as 1; --shape x="))
      #expect(!open.contains("note: output"))
      #expect(try !compiled([nil, 5], [nil, 5], "--shape", "x=3x5").contains("note: "))
      #expect(try !compiled([2, 5], [2, 5]).contains("note: "))
      for (stated, text) in [
        ([2, 7], "2x7"), ([nil, 7], "?x7"), ([10], "10"), ([], "no extents"),
      ] {
        let wrong = try compiled([2, 5], stated.map { $0.map(Int64.init) })
        #expect(
          wrong.contains("note: output y: its shape is 2x5, where the network states \(text)\n"))
      }
    }
  }

  @Test func badInputsExitWithOneAndLeaveNoFile() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      for bytes in [Data(), Data("not a network".utf8), try network.dropLast(7)] {
        try bytes.write(to: URL(fileURLWithPath: input))
        let result = try run("compile", input, "-o", output)
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("headrace: error: "))
      }
      #expect(try run("compile", folder.path + "/none.onnx", "-o", output).status == 1)
      #expect(try run("compile", folder.path + "/a.tflite", "-o", output).status == 1)
      #expect(try run("inspect", input).status == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.onnx"])
    }
  }

  @Test func aLinkIsFollowedAndNothingElseIsWrittenInto() throws {
    try Command.withFolder { folder in
      let (input, model, link) = (
        folder.path + "/a.onnx", folder.path + "/a.hrm", folder.path + "/link"
      )
      try network.write(to: URL(fileURLWithPath: input))
      try Data("old".utf8).write(to: URL(fileURLWithPath: model))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.hrm")
      #expect(try run("compile", input, "-o", link).status == 0)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.hrm")
      #expect(try run("inspect", model).status == 0)
      try FileManager.default.removeItem(atPath: model)
      let dangling = try run("compile", input, "-o", link)
      #expect(dangling.status == 1 && dangling.error.contains("cannot follow the symbolic link"))
    }
  }

  @Test func whatIsNoFileIsNotReadAsOne() throws {
    try Command.withFolder { folder in
      let fifo = folder.path + "/fifo"
      #expect(mkfifo(fifo, 0o600) == 0)
      for path in [fifo, "/dev/null"] {
        for arguments in [["inspect", path], ["compile", path, "-o", folder.path + "/a.hrm"]] {
          let result = try run(arguments)
          #expect(result.status == 1)
          #expect(result.error.contains("\(path): is not a regular file"))
        }
      }
      #expect(try run("inspect", "").error.contains("name of a file is empty"))
      #expect(try run("compile", fifo, "-o", "").status == 2)
    }
  }

  /// More than a buffer is written at once, so that nothing is left to flush.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func aFullDiskIsNoSuccess() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      let names = ["x"] + (1..<100).map { "value\($0)" } + ["y"]
      let nodes = zip(names, names.dropFirst()).map { SmallONNX.node("Sin", [$0], $1) }
      try SmallONNX.file(nodes, x: [1, 4], y: [1, 4], quantization: nil, metadata: [:])
        .write(to: URL(fileURLWithPath: input))
      #expect(try run("compile", input, "-o", output).status == 0)
      #expect(try run("inspect", output).output.utf8.count > 4096)
      for arguments in [
        ["inspect", output], ["inspect", output, "--json"], ["--help"], ["--version"],
        ["help", "compile"],
      ] {
        let full = try Command.run(arguments, shell: #"exec "$0" "$@" >/dev/full"#)
        #expect(full.status == 1)
        #expect(full.error == "headrace: error: the output could not be written\n")
      }
      for (arguments, status) in [(["inspect", folder.path + "/none.hrm"], 1), (["compile"], 2)] {
        let full = try Command.run(arguments, shell: #"exec "$0" "$@" 2>/dev/full"#)
        #expect(full.status == status)
      }
    }
  }

  @Test func int8WithoutCalibrationSaysWhatToDo() throws {
    try Command.withFolder { folder in
      let input = folder.path + "/a.onnx"
      try network.write(to: URL(fileURLWithPath: input))
      let result = try run("compile", input, "-o", folder.path + "/a.hrm", "--type", "int8")
      #expect(result.status == 1)
      #expect(result.error.contains("--calibrate"))
    }
  }

  @Test func wrongUsageExitsWithTwo() throws {
    #expect(try run("compile").status == 2)
    #expect(try run("compile", "a.onnx", "-o", "b.hrm", "--type", "int4").status == 2)
    #expect(try run("compile", "a.onnx", "-o", "b.hrm", "--shape", "x").status == 2)
    #expect(try run("nonsense").status == 2)
  }

  @Test func anEmptyNameForWhatIsWrittenIsWrongUsage() throws {
    for arguments in [
      ["compile", "a.onnx", "-o", ""], ["compile", "a.onnx", "-o", "b.hrm", "--report", ""],
      ["simulate", "--speech", "a", "-o", ""], ["evaluate", "enhance", "a", "-o", ""],
      ["evaluate", "locate", "a", "-o", ""], ["evaluate", "split", "a", "-o", ""],
    ] {
      let result = try run(arguments)
      #expect(result.status == 2)
      #expect(result.error.contains("takes a f") || result.error.contains("takes the name"))
    }
  }

  @Test func optionsThatWouldHaveNoEffectAreWrongUsage() throws {
    for (arguments, complaint) in [
      (["compile", "a.onnx", "-o", "b.hrm", "--range", "mse"], "add that"),
      (
        [
          "compile", "a.onnx", "-o", "b.hrm", "--type", "int8", "--calibrate", "c", "--percentile",
          "99",
        ], "--range percentile"
      ),
      (["inspect", "a.hrm", "--threads", "2"], "add --board"),
      (["evaluate", "split", "a", "--no-peers", "--webp", "20"], "--webp and --no-peers"),
      (["evaluate", "split", "a", "--no-peers", "--python", "b"], "--python and --no-peers"),
      (
        ["evaluate", "locate", "a", "-o", "b", "--no-peers", "--no-plots", "--python", "c"],
        "--python is for peers, plots and .npz files; leave it out"
      ),
    ] {
      let result = try run(arguments)
      #expect(result.status == 2 && result.error.contains(complaint), "\(result.error)")
    }
  }

  @Test func anUnknownArrayIsWrongUsageAsAnUnknownBoardIs() throws {
    try Command.withFolder { folder in
      let arguments = ["simulate", "--speech", folder.path, "-o", folder.path, "--array", "none"]
      let result = try run(arguments)
      #expect(result.status == 2 && result.error.contains("uma-8"), "\(result.error)")
      #expect(try run("inspect", "a.hrm", "--board", "none").status == 2)
    }
  }

  @Test func aValueThatIsRefusedDoesNotSteerTheTerminal() throws {
    let result = try run("compile", "a.onnx", "-o", "b.hrm", "--shape", "\u{1b}c")
    #expect(result.status == 2)
    #expect(result.error.contains(#"not \u{1B}c"#) && !result.error.contains("\u{1b}"))
  }

  @Test func helpThatNobodyAskedForIsNoSuccess() throws {
    let bare = try run()
    #expect(bare.status == 2)
    #expect(bare.output.isEmpty && bare.error.contains("compile"))
    let group = try run("evaluate")
    #expect(group.status == 2)
    #expect(group.output.isEmpty && group.error.contains("locate"))
    for arguments in [
      ["bogus", "--help"], ["help", "bogus"], ["evaluate", "bogus", "--help"],
      ["help", "evaluate", "bogus"],
    ] {
      let result = try run(arguments)
      #expect(result.status == 2)
      #expect(result.output.isEmpty && result.error.contains("\"bogus\""))
    }
    for arguments in [
      ["help"], ["help", "compile"], ["help", "evaluate"], ["evaluate", "--help"],
    ] {
      #expect(try run(arguments).status == 0)
    }
  }

  @Test func theVersionIsTheLibrarys() throws {
    let result = try run("--version")
    #expect(result.status == 0)
    #expect(result.output == "headrace \(String(cString: hr_version_string()))\n")
  }

  @Test func whatCannotBeReadIsSaidInTheSystemsWords() throws {
    try Command.withFolder { folder in
      let missing = try run("inspect", folder.path + "/none.hrm")
      #expect(missing.error.contains("none.hrm: cannot be read: No such file or directory"))
      #expect(try run("inspect", folder.path).error.contains("Is a directory"))
    }
  }

  @Test(arguments: [
    ("--std", "0.2,0,0.2", "0.0"), ("--std", "-1", "-1.0"), ("--std", "nan", "nan"),
    ("--std", "1e400", "1e400"), ("--mean", "0.5,inf,0.5", "inf"), ("--mean", "0.5,,0.5", "\"\""),
  ])
  func aMeanOrDeviationThatIsNoneIsNamed(option: String, text: String, value: String) throws {
    let result = try run("compile", "a.onnx", "-o", "b.hrm", "\(option)=\(text)")
    #expect(result.status == 2)
    #expect(result.error.split(separator: "\n").first?.contains(value) ?? false)
  }

  @Test(arguments: [
    ("--mean", "123.675,116.28,103.53", "--mean 0.485,0.456,0.406"),
    ("--mean", "104,117,123", "--mean 0.4078,0.4588,0.4824 --std 0.003922"),
    ("--mean", "127.5", "--mean 0.5"), ("--std", "58.395,57.12,57.375", "--std 0.229,0.224,0.225"),
  ])
  func aMeanOrDeviationOfPixelsTo255IsRefusedWithWhatItIsOfPixelsTo1(
    option: String, values: String, remedy: String
  ) throws {
    let result = try run("compile", "a.onnx", "-o", "b.hrm", option, values)
    #expect(result.status == 2 && result.error.contains(remedy), "\(result.error)")
  }

  @Test func labelsAreCountedAgainstTheClasses() throws {
    try Command.withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      let labels = folder.path + "/labels.txt"
      try network.write(to: URL(fileURLWithPath: input))
      for text in ["a\nb\nc\n", "a\nb\nc\nd\ne", ""] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: labels))
        let result = try run("compile", input, "-o", output, "--labels", labels)
        #expect(result.status == 1)
        let count = text.split(separator: "\n").count
        #expect(result.error.contains("\(count) labels") && result.error.contains("4 classes"))
      }
      try Data("a\n".utf8).write(to: URL(fileURLWithPath: labels))
      let one = try run("compile", input, "-o", output, "--labels", labels)
      #expect(one.status == 1 && one.error.contains("there is 1 label, but 4 classes"))
      for text in ["a\nb\nc\nd", "a\r\nb\r\nc\r\nd\r\n"] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: labels))
        #expect(try run("compile", input, "-o", output, "--labels", labels).status == 0)
        #expect(try !run("inspect", output, "--json").output.contains("\\r"))
      }
    }
  }

  @Test func aNameOfNoNodeIsRefusedBeforeCalibration() throws {
    try Command.withFolder { folder in
      let (input, array) = (folder.path + "/a.onnx", folder.path + "/a.npy")
      try network.write(to: URL(fileURLWithPath: input))
      // Calibration would fail for its own reason.
      try numpy([1, .nan, 3, 4]).write(to: URL(fileURLWithPath: array))
      let arguments = [
        "compile", input, "-o", folder.path + "/a.hrm", "--type", "int8", "--calibrate", array,
      ]
      #expect(try run(arguments).error.contains("not numbers"))
      let result = try run(arguments + ["--float", "nosuch"])
      #expect(result.status == 1)
      #expect(result.error.contains("nosuch: --float names no node"))
    }
  }

  /// A float32 array of 1 x count.
  private func numpy(_ elements: [Float]) -> Data {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, \(elements.count)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]) + Data(header.utf8)
      + elements.withUnsafeBytes { Data($0) }
  }

  @Test func helpShowsAnExample() throws {
    for arguments in [
      ["--help"], ["compile", "--help"], ["inspect", "--help"], ["evaluate", "locate", "--help"],
    ] {
      let result = try run(arguments)
      #expect(result.status == 0)
      #expect(result.output.contains("Example"))
    }
  }

  @Test func simulateWritesSoundAndTruth() throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let arguments = [
        "simulate", "--speech", folder.path, "--array", "uma-8", "--count", "2", "--seconds", "0.5",
        "--rt60", "0.2...0.25", "--snr", "-5...5", "-q",
      ]
      #expect(try run(arguments + ["-o", folder.path + "/one"]).status == 0)
      #expect(try run(arguments + ["-o", folder.path + "/two"]).status == 0)
      for name in ["scene-000000.wav", "scene-000001.wav", "scenes.jsonl"] {
        let one = try Data(contentsOf: folder.appendingPathComponent("one/" + name))
        #expect(try one == Data(contentsOf: folder.appendingPathComponent("two/" + name)))
        // Seven microphones, half a second.
        if name.hasSuffix("wav") { #expect(one.count == 44 + 2 * 7 * 8000) }
      }
      let truth = try String(
        contentsOf: folder.appendingPathComponent("one/scenes.jsonl"), encoding: .utf8)
      let lines = truth.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.allSatisfy { $0.contains("\"azimuth\":") && $0.contains("\"rt60\":0.2") })
    }
  }

  @Test(arguments: ["INT", "TERM", "HUP"])
  func simulateThatIsInterruptedLeavesWhatWasThereAndNothingElse(signal: String) throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let output = folder.appendingPathComponent("scenes")
      let arguments = [
        "simulate", "--speech", folder.path, "--rt60", "0.2", "-q", "-o", output.path, "--seconds",
        "0.5",
      ]
      #expect(try run(arguments + ["--count", "1"]).status == 0)
      let before = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
      #expect(before == ["scene-000000.wav", "scenes.jsonl"])
      // A shell has what it starts in the background ignore SIGINT.
      let interrupt = """
        python3 -c 'import signal, sys, os
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])' "$0" "$@" &
        until ls "$SCENES"/.headrace-*/*.wav >"$SCENES.log" 2>&1; do sleep 0.05; done
        kill -\(signal) $!
        wait $!
        """
      let result = try Command.run(
        arguments + ["--count", "100000", "--seed", "2"], shell: interrupt,
        environment: ["SCENES": output.path])
      #expect(result.status > 128 && result.error.isEmpty, "\(result.error)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).sorted() == before)
    }
  }

  /// A shell makes the folder that `$TAKEN` names, and what is in it, before or while the program works.
  @Test(arguments: [
    ("scene-000011.wav", "make; exec \"$0\" \"$@\""), ("scenes.jsonl", "make; exec \"$0\" \"$@\""),
    ("scene-000011.wav", Self.whileItWorks), ("scenes.jsonl", Self.whileItWorks),
  ])
  func simulateWritesNothingWhereAFolderHasTheNameOfAFile(name: String, shell: String) throws {
    try Command.withFolder { folder in
      let speech = folder.appendingPathComponent("speech")
      try FileManager.default.createDirectory(at: speech, withIntermediateDirectories: false)
      try Command.noise().write(to: speech.appendingPathComponent("a.wav"))
      let output = folder.appendingPathComponent("scenes")
      let taken = output.appendingPathComponent(name).path
      let result = try Command.run(
        [
          "simulate", "--speech", speech.path, "--rt60", "0.2", "-q", "-o", output.path, "--count",
          "12", "--seconds", "0.5",
        ], shell: "make() { mkdir -p \"$TAKEN/kept\"; }; " + shell,
        environment: ["SCENES": output.path, "TAKEN": taken])
      #expect(result.status == 1)
      #expect(result.error.contains("\(taken): is a folder"), "\(result.error)")
      #expect(result.error.contains("choose another --output"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: output.path) == [name])
      #expect(FileManager.default.fileExists(atPath: taken + "/kept"))
    }
  }

  private static let whileItWorks = """
    "$0" "$@" &
    until ls "$SCENES"/.headrace-*/*.wav >"$SCENES.log" 2>&1; do sleep 0.01; done
    make
    wait $!
    """

  @Test func aSceneThatCannotBeWrittenIsNamedByWhereItWasToBe() throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let output = folder.appendingPathComponent("scenes").path
      // Of 512 bytes each.
      let result = try Command.run(
        ["simulate", "--speech", folder.path, "--count", "1", "-q", "-o", output],
        shell: "ulimit -f 8; exec \"$0\" \"$@\"")
      #expect(result.status == 1)
      #expect(
        result.error.contains("\(output)/scene-000000.wav: cannot write"), "\(result.error)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: output).isEmpty)
    }
  }

  @Test func simulateSaysWhatIsWrongWithSpeech() throws {
    try Command.withFolder { folder in
      let output = folder.appendingPathComponent("scenes").path
      func error(_ path: String) throws -> String {
        let result = try run("simulate", "--speech", path, "-o", output)
        #expect(result.status == 1)
        return result.error
      }
      #expect(try error(folder.path + "/none").contains("is no folder"))
      #expect(try error(folder.path).contains("holds no WAV file"))
      let file = folder.appendingPathComponent("a.wav")
      try Command.noise(rate: 8000).write(to: file)
      #expect(try error(folder.path).contains("convert it to 16,000"))
      try Data("RIFF".utf8).write(to: file)
      #expect(try error(folder.path).contains("is no WAV file"))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
