import ArgumentParser
import Foundation
import HeadraceCompiler

struct EvaluateLocateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "locate",
    abstract: "Measures errors of sound localization over noise, reverberation and window length.",
    discussion: """
      Rooms are folders that headrace simulate wrote, or .npz files with wav, az_deg, snr_db, rt60_nom and \
      mics; or they are made, of --speech. Our methods and pyroomacoustics' hear the same pieces. Writes \
      tables to locate.md, every answer to locate.json, and plots; made and unpacked rooms to rooms/.

      Peers, plots and .npz files take Python: a virtual environment is made in the user's cache at first \
      use. --no-peers --no-plots does without, of rooms in folders.

      Example:
        headrace evaluate locate --speech sentences/ --array respeaker-4 --rooms 100 -o report/
        headrace simulate --speech sentences/ --snr -5...5 --seconds 2 -o scenes/
        headrace evaluate locate scenes/ --window 250,2000 --no-peers -o report/
      """)

  @Argument(help: "Folders of rooms or .npz files, each a table of its own; none: they are made.")
  var sets: [String] = []

  @Option(name: .shortAndLong, help: "The folder to write.")
  var output: String

  @Option(help: "A folder of WAV files of speech at 16 kHz, to make rooms of.")
  var speech: String?

  @Option(help: "The microphones of made rooms: the name of an array. (default: respeaker-4)")
  var array: String?

  @Option(help: "Rooms to make, 100 by default; of given ones, how many of each set to take.")
  var rooms: Int?

  @Option(help: "Makes the same rooms again. (default: 1)")
  var seed: UInt64?

  @Option(
    name: .customLong("method"),
    help: "Of ours, between commas. (default: network,samples,music,srp-phat)",
    transform: methodList)
  var named: [LocateMethod]?

  /// Where none is named, all; but the networks that read samples need not have come along.
  private var methods: [LocateMethod] {
    named ?? LocateMethod.allCases.filter { $0 != .samples || SampleNetworks.areThere }
  }

  @Option(
    name: .customLong("window"),
    help: "Milliseconds that are heard, between commas. (default: 64,250,1000)",
    transform: windowList)
  var windows = [64, 250, 1000]

  @Option(help: ArgumentHelp("The network of network.", valueName: "model.hrm"))
  var model: String?

  @Flag(inversion: .prefixedNo, help: "Ask pyroomacoustics' methods too.")
  var peers = true

  @Flag(inversion: .prefixedNo, help: "Draw plots.")
  var plots = true

  @Option(help: "A Python that has the packages of requirements-locate.txt.")
  var python: String?

  @Flag(name: .shortAndLong, help: "Neither progress nor tables, only errors.")
  var quiet = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output takes a folder's name") }
    if let rooms, !(1...1_000_000).contains(rooms) {
      throw ValidationError("--rooms takes 1 to 1,000,000")
    }
    if sets.isEmpty, speech == nil {
      throw ValidationError("which rooms? Name folders of them, or --speech to make some of")
    }
    if !sets.isEmpty, speech != nil || array != nil || seed != nil {
      throw ValidationError("--speech, --array and --seed are for rooms that are made")
    }
    if model != nil, !asksNetwork {
      throw ValidationError("--model is for --method network")
    }
    if python != nil, !takesPython {
      throw ValidationError("--python is for peers, plots and .npz files; leave it out")
    }
    if let name = Dictionary(grouping: sets, by: Self.name).first(where: { $1.count > 1 })?.key {
      throw ValidationError("two sets of rooms are called \"\(name)\"; rename one")
    }
  }

  func run() throws {
    let progress = ProgressLine(quiet: quiet)
    // What is wrong is found before what takes long.
    let network = try openNetwork()
    let sampleNetworks = try methods.contains(.samples) ? SampleNetworks() : nil
    let given = try sets.filter { !Self.isArchive($0) }.map { ($0, try open($0)) }
    let maker = try sets.isEmpty ? maker(progress) : nil
    let python = try openPython(progress)
    let folder = try OutputFolder(output)
    var opened = Dictionary(uniqueKeysWithValues: given)
    for path in sets where opened[path] == nil {
      opened[path] = try unpack(path, python!, into: folder)
    }
    let all = try maker.map { [try $0(folder)] } ?? sets.map { opened[$0]! }

    let measurement = LocateMeasurement(
      methods: methods, windows: windows, model: network, sampleNetworks: sampleNetworks,
      progress: progress)
    var report = LocateReport(
      producer: Compilation.producer, methods: methods.map(\.name), windows: windows,
      sets: try all.map(measurement.measure))
    try write(report, folder)
    if peers {
      try LocatePeers(python: python!, progress: progress).add(
        to: &report, writtenTo: folder.path(Self.json))
      try write(report, folder)
    }
    if plots {
      try python!.run(
        ShippedFiles.evaluate.path("locate_plots.py"), [folder.path(Self.json), folder.url.path])
    }
    if !quiet { print(tables(report).text, terminator: "") }
  }

  private static let json = "locate.json"

  private func write(_ report: LocateReport, _ folder: OutputFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try folder.write(try encoder.encode(report), Self.json)
    try folder.write(Data(tables(report).text.utf8), "locate.md")
  }

  /// With the plots that `locate_plots.py` draws.
  private func tables(_ report: LocateReport) -> LocateTables {
    let names = [
      ("locate-window.png", "Mean error by window"),
      ("locate-conditions.png", "Mean error by noise and by reverberation, all rooms"),
      ("locate-distribution.png", "How errors are distributed, all rooms"),
    ]
    return LocateTables(report: report, plots: plots ? names : [])
  }

  private var asksNetwork: Bool { methods.contains(.network) }

  /// The network's file; one that locates nothing is refused before anything is measured.
  private func openNetwork() throws -> (path: String, bytes: Data)? {
    guard asksNetwork else { return nil }
    let path = model ?? ShippedFiles.models.path("locate/locate.hrm")
    guard model != nil || FileManager.default.fileExists(atPath: path) else {
      throw CompilerError(
        "the network that locates is not there; name it with --model, or say --method music,srp-phat",
        at: path)
    }
    let bytes = try readFile(path)
    try naming(path) {
      let pair = LocatePiece(
        microphones: [[0, 0, 0], [0.05, 0, 0]], method: .network,
        network: try NetworkSession(bytes))
      _ = try pair.azimuth([])
    }
    return (path, bytes)
  }

  private var takesPython: Bool { peers || plots || sets.contains(where: Self.isArchive) }

  private func openPython(_ progress: ProgressLine) throws -> PythonEnvironment? {
    guard takesPython else { return nil }
    let packages = PythonPackages(
      requirements: ShippedFiles.evaluate.path("requirements-locate.txt"),
      without: "--no-peers --no-plots",
      prerequisites:
        "g++ and python3-dev are installed, which pyroomacoustics may be compiled with")
    return try python.map { try PythonEnvironment($0, packages: packages) }
      ?? PythonEnvironment(packages: packages, progress)
  }
}

@Sendable private func methodList(_ text: String) throws -> [LocateMethod] {
  let methods = try text.split(separator: ",", omittingEmptySubsequences: false).map {
    guard let method = LocateMethod(rawValue: String($0)) else {
      throw ValidationError(
        "\"\($0)\" is no method; there are network, samples, music and srp-phat")
    }
    return method
  }
  guard Set(methods).count == methods.count else {
    throw ValidationError("a method is named twice")
  }
  return methods
}

@Sendable private func windowList(_ text: String) throws -> [Int] {
  let windows = try text.split(separator: ",", omittingEmptySubsequences: false).map {
    guard let window = Int($0), (16...60_000).contains(window) else {
      throw ValidationError("\"\($0)\" is no window; it takes 16 to 60,000 milliseconds")
    }
    return window
  }
  guard Set(windows).count == windows.count else {
    throw ValidationError("a window is named twice")
  }
  return windows
}
