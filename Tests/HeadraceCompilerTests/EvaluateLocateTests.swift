import Foundation
import Testing

/// Runs `headrace evaluate locate` without Python.
@Suite struct EvaluateLocateTests {
  /// A report as others read it.
  private struct Report: Decodable {
    struct Room: Decodable {
      var file: String
      var azimuth: Double
      var snr: Double
      var rt60: Double
      var answers: [[String: JSON]]
    }
    struct Rooms: Decodable {
      var name: String
      var rooms: [Room]
    }
    var methods: [String]
    var windows: [Int]
    var sets: [Rooms]

    enum CodingKeys: String, CodingKey {
      case methods, sets
      case windows = "windows_ms"
    }

    init(_ folder: URL) throws {
      let data = try Data(contentsOf: folder.appendingPathComponent("locate.json"))
      self = try JSONDecoder().decode(Report.self, from: data)
    }
  }

  /// Of an answer: a number, a text or null.
  private enum JSON: Decodable {
    case number(Double)
    case text(String)
    case null

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    var number: Double? { if case .number(let number) = self { number } else { nil } }
  }

  private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/Models/locate/locate.hrm").standardized.path
  private static let bare = ["--no-peers", "--no-plots", "-q"]

  private func evaluate(_ arguments: [String]) throws -> Command.Result {
    try Command.run(["evaluate", "locate"] + arguments + Self.bare)
  }

  /// Three rooms that are made, and their report.
  private func withRooms(_ body: (URL, Report) throws -> Void) throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let result = try evaluate([
        "--speech", folder.path, "--array", "respeaker-4", "--rooms", "3", "--seed", "5", "--model",
        Self.model, "--window", "64,100", "-o", folder.path + "/report",
      ])
      #expect(result.status == 0, "\(result.error)")
      try body(folder, try Report(folder.appendingPathComponent("report")))
    }
  }

  private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-6 }

  @Test func everyMethodAnswersForEveryRoomAndWindow() throws {
    try withRooms { folder, report in
      #expect(report.methods == ["headrace network", "headrace music", "headrace srp-phat"])
      #expect(report.windows == [64, 100])
      let rooms = try #require(report.sets.first).rooms
      #expect(report.sets.map(\.name) == ["respeaker-4"] && rooms.count == 3)
      for room in rooms {
        #expect(room.answers.count == 6)
        for answer in room.answers {
          let error = try #require(answer["error"]?.number)
          guard let azimuth = answer["azimuth"]?.number else {
            #expect(error == 90)
            continue
          }
          // The angle between two directions, from their scalar product.
          let between =
            acos(
              max(-1, min(1, cos((azimuth - room.azimuth) * .pi / 180)))) * 180 / .pi
          #expect(abs(error - between) < 1e-4)
        }
      }
      let text = try String(
        contentsOf: folder.appendingPathComponent("report/locate.md"), encoding: .utf8)
      let errors = try rooms.map { room in
        try #require(room.answers[1]["error"]?.number)
      }
      let mean = String(format: "%.2f", errors.reduce(0, +) / 3)
      let median = String(format: "%.2f", errors.sorted()[1])
      // From differences of pairs, whose squares add up to three times those from the mean.
      let pairs = [(0, 1), (1, 2), (2, 0)].map { pow(errors[$0] - errors[$1], 2) }
      let error = String(format: "%.2f", (pairs.reduce(0, +) / 18).squareRoot())
      #expect(text.contains("| 64 ms | headrace music | \(mean) ± \(error) | \(median) |"))
      #expect(!text.contains(".png"))
    }
  }

  @Test func whatReadsSamplesAnswersForArraysThatItIsFor() throws {
    let models = URL(fileURLWithPath: Self.model).deletingLastPathComponent()
      .deletingLastPathComponent().path
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      for (array, answers) in [("respeaker-4", 1), ("respeaker-6", 0)] {
        let output = folder.path + "/" + array
        let result = try Command.run(
          [
            "evaluate", "locate", "--speech", folder.path, "--array", array, "--rooms", "1",
            "--method", "samples", "--window", "64", "-o", output,
          ] + Self.bare, environment: ["HEADRACE_MODELS": models])
        #expect(result.status == 0, "\(result.error)")
        let report = try Report(URL(fileURLWithPath: output))
        #expect(report.methods == ["headrace samples"])
        #expect(report.sets[0].rooms[0].answers.count == answers)
      }
    }
  }

  /// Truths that are moved by degrees, so that errors are known without the program's own formula.
  @Test(arguments: [(350.0, 10.0), (190, 170), (180, 180), (-10, 10), (725, 5)])
  func errorsGoTheShortWayAround(moved: Double, expected: Double) throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let scenes = folder.path + "/scenes"
      #expect(
        try Command.run([
          "simulate", "--speech", folder.path, "--array", "respeaker-4", "--count", "1", "--snr",
          "30", "--rt60", "0.2", "--seconds", "0.1", "-q", "-o", scenes,
        ]).status == 0)
      let arguments = [scenes, "--method", "srp-phat", "--window", "64", "-o", folder.path + "/r"]
      #expect(try evaluate(arguments).status == 0)
      let first = try Report(folder.appendingPathComponent("r"))
      let azimuth = try #require(first.sets[0].rooms[0].answers[0]["azimuth"]?.number)
      let list = folder.appendingPathComponent("scenes/scenes.jsonl")
      var line = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: list)) as? [String: Any])
      line["talkers"] = [["azimuth": azimuth + moved]]
      try JSONSerialization.data(withJSONObject: line).write(to: list)
      #expect(try evaluate(arguments).status == 0)
      let second = try Report(folder.appendingPathComponent("r")).sets[0].rooms[0]
      #expect(isNear(try #require(second.answers[0]["error"]?.number), expected))
    }
  }

  @Test func silenceHasNoAnswerAndCostsNinetyDegrees() throws {
    try Command.withFolder { folder in
      let scenes = try scenes(folder, sound: Data(count: 2 * 2 * 1600))
      let result = try evaluate([
        scenes, "--method", "music", "--window", "100", "-o", folder.path + "/r",
      ])
      #expect(result.status == 0, "\(result.error)")
      let answer = try Report(folder.appendingPathComponent("r")).sets[0].rooms[0].answers[0]
      #expect(answer["error"]?.number == 90)
      if case .null = answer["azimuth"] {} else { Issue.record("silence has a direction") }
    }
  }

  /// A folder of one recording with two channels.
  private func scenes(
    _ folder: URL, channels: UInt8 = 2, sound: Data, truth: String? = nil
  ) throws -> String {
    let scenes = folder.appendingPathComponent("scenes")
    try FileManager.default.createDirectory(at: scenes, withIntermediateDirectories: true)
    var wave = Data("RIFF".utf8) + [0, 0, 0, 0] + Data("WAVEfmt ".utf8)
    wave += [16, 0, 0, 0, 1, 0, channels, 0, 0x80, 0x3e, 0, 0, 0, 0, 0, 0, 2 * channels, 0, 16, 0]
    wave += Data("data".utf8) + [0xff, 0xff, 0xff, 0x7f] + sound
    try wave.write(to: scenes.appendingPathComponent("a.wav"))
    let line =
      truth
      ?? #"{"file":"a.wav","talkers":[{"azimuth":10}],"snr":5,"rt60":0.3,"microphones":[[0,0,0],[0.1,0,0]]}"#
    try Data((line + "\n").utf8).write(to: scenes.appendingPathComponent("scenes.jsonl"))
    return scenes.path
  }

  @Test func whatIsWrongWithRoomsIsSaid() throws {
    try Command.withFolder { folder in
      let output = folder.path + "/r"
      func error(_ rooms: String) throws -> String {
        let result = try evaluate([rooms, "--method", "music", "--window", "100", "-o", output])
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("headrace: error: "))
        return result.error
      }
      #expect(try error(folder.path).contains("holds no scenes.jsonl with the truth"))
      #expect(try error(folder.path + "/none").contains("holds no scenes.jsonl with the truth"))
      func truth(azimuth: String = "1", rt60: String = "1", snr: String = "5") -> String {
        #"{"file":"a.wav","talkers":[{"azimuth":\#(azimuth)}],"snr":\#(snr),"rt60":\#(rt60),"#
          + #""microphones":[[0,0,0],[1,0,0]]}"#
      }
      let long = Data(count: 4 * 1600)
      let short = try error(scenes(folder, sound: long.prefix(4 * 800)))
      #expect(short.contains("a.wav: holds 50 ms"))
      let wide = try error(scenes(folder, channels: 3, sound: long))
      #expect(wide.contains("has 3 channels"))
      let empty = try error(scenes(folder, sound: Data()))
      #expect(empty.contains("WAV file without samples"))
      for (truth, complaint) in [
        ("", "lists no recordings"), ("{}", "line 1: is no JSON object with file"),
        ("not JSON", "line 1: is no JSON object"),
        (
          #"{"file":"a.wav","talkers":[{"azimuth":1},{"azimuth":2}],"snr":5,"rt60":1,"microphones":[]}"#,
          "line 1: lists 2 talkers"
        ),
        (
          #"{"file":"a.wav","talkers":[{"azimuth":1}],"snr":5,"rt60":1,"microphones":[[0,0,0]]}"#,
          "2 to 16 microphones"
        ),
        (truth(azimuth: "1e300"), "has 1e+300 for an azimuth, degrees, which are -3600 to 3600"),
        (truth(rt60: "-1"), "line 1: has -1 for rt60, seconds, which are 0 to 100"),
        (truth(snr: "1e308"), "line 1: has 1e+308 for snr, decibels, which are -200 to 200"),
        (
          #"{"file":"b.wav","talkers":[{"azimuth":1}],"snr":5,"rt60":1,"microphones":[[0,0,0],[1,0,0]]}"#,
          "b.wav"
        ),
      ] {
        let said = try error(scenes(folder, sound: long, truth: truth))
        #expect(said.contains(complaint))
      }
    }
  }

  @Test func whatIsWrongWithTheRestIsSaidBeforeAnythingIsWritten() throws {
    try Command.withFolder { folder in
      try Command.noise().write(to: folder.appendingPathComponent("a.wav"))
      let output = folder.path + "/r"
      let made = ["--speech", folder.path, "--rooms", "1", "-o", output]
      let head = URL(fileURLWithPath: Self.model).deletingLastPathComponent()
        .appendingPathComponent("../bottlefit/head.hrm").path
      for (arguments, complaint) in [
        (["--model", folder.path + "/none.hrm"], "none.hrm: cannot be read"),
        (["--model", folder.path + "/a.wav"], "a.wav: "),
        (["--model", head], "does not read maps of directions"),
      ] {
        let result = try evaluate(made + arguments)
        #expect(result.status == 1 && result.error.contains(complaint), "\(result.error)")
      }
      let unknown = try evaluate(made + ["--array", "none", "--method", "music"])
      #expect(unknown.status == 2 && unknown.error.contains("there is no array called \"none\""))
      let absent = try Command.run(
        ["evaluate", "locate"] + made + Self.bare, environment: ["HEADRACE_MODELS": folder.path])
      #expect(absent.status == 1 && absent.error.contains("name it with --model"))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func wrongUsageExitsWithTwo() throws {
    for arguments in [
      ["-o", "r"], ["rooms/"], ["rooms/", "-o", ""], ["rooms/", "--array", "uma-8", "-o", "r"],
      ["a/rooms", "b/rooms.npz", "-o", "r"], ["rooms/", "--method", "magic", "-o", "r"],
      ["rooms/", "--method", "music,music", "-o", "r"], ["rooms/", "--window", "5", "-o", "r"],
      ["rooms/", "--window", "64,", "-o", "r"], ["rooms/", "--rooms", "0", "-o", "r"],
      ["rooms/", "--method", "music", "--model", "a.hrm", "-o", "r"],
    ] {
      #expect(try evaluate(arguments).status == 2, "\(arguments)")
    }
  }

  /// A stand-in for programs called python: what it says and how it ends.
  private func program(_ folder: URL, _ name: String, _ script: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file.path
  }

  @Test func whatIsWrongWithPythonIsSaid() throws {
    try Command.withFolder { folder in
      let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../bench/evaluate").standardized.path
      let scenes = try scenes(folder, sound: Data(count: 4 * 1600))
      func error(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> String
      {
        let words = ["evaluate", "locate", scenes, "--method", "music", "--window", "100"]
        let places = ["HEADRACE_EVALUATE": scripts, "XDG_CACHE_HOME": folder.path + "/cache"]
        let result = try Command.run(
          words + ["-o", folder.path + "/r"] + arguments,
          environment: places.merging(environment) { $1 })
        #expect(result.status == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/r"))
        return result.error
      }
      #expect(try error(["--python", folder.path + "/none"]).contains("none: cannot be run"))
      let bare = try program(folder, "bare", "echo pyroomacoustics >&2; exit 1")
      #expect(try error(["--python", bare]).contains("lacks what the evaluation uses (pyroom"))
      #expect(try error([], ["PATH": folder.path]).contains("there is no python3"))
      _ = try program(folder, "python3", "echo ensurepip is not available; exit 1")
      #expect(try error([], ["PATH": folder.path]).contains("install python3-venv"))
      // Makes an environment whose pip finds no network.
      _ = try program(
        folder, "python3",
        """
        for folder; do :; done
        /bin/mkdir -p "$folder/bin"
        printf '#!/bin/sh\\necho ERROR: no route to host >&2\\nexit 1\\n' >"$folder/bin/python"
        /bin/chmod 755 "$folder/bin/python"
        """)
      let offline = try error([], ["PATH": folder.path])
      #expect(offline.contains("pip could not install") && offline.contains("no route to host"))
      #expect(offline.contains("--no-peers"))
    }
  }

  /// A stand-in for the scripts: it says what they would about one recording whose talker is at 10 degrees.
  @Test(arguments: [
    (
      #"{"set":0,"room":0,"answers":[{"method":"pyroomacoustics SRP","window_ms":100,"azimuth":355}]}"#,
      ""
    ),
    (#"{"set":7,"room":0,"answers":[]}"#, "a room that there is not"),
    ("Traceback", "wrote what is no answer: Traceback"), ("", "answered about 0 of 1 rooms"),
  ])
  func othersAnswersJoinOurs(line: String, complaint: String) throws {
    try Command.withFolder { folder in
      let python = try program(
        folder, "python",
        """
        case "$2" in
          *locate_peers.py)
            echo '{"about": "others", "methods": ["pyroomacoustics SRP"]}'
            \(line.isEmpty ? ":" : "echo '\(line)'") ;;
        esac
        """)
      let scenes = try scenes(folder, sound: Data(count: 4 * 1600))
      let result = try Command.run(
        [
          "evaluate", "locate", scenes, "--method", "music", "--window", "100", "--no-plots",
          "--python", python, "-q", "-o", folder.path + "/r",
        ], environment: ["HEADRACE_EVALUATE": folder.path])
      guard complaint.isEmpty else {
        #expect(result.status == 1 && result.error.contains(complaint), "\(result.error)")
        return
      }
      #expect(result.status == 0, "\(result.error)")
      let report = try Report(folder.appendingPathComponent("r"))
      #expect(report.methods == ["headrace music", "pyroomacoustics SRP"])
      let answer = try #require(report.sets[0].rooms[0].answers.last)
      #expect(answer["azimuth"]?.number == 355 && answer["error"]?.number == 15)
    }
  }
}
