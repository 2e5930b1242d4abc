import ArgumentParser
import CHeadrace
import Foundation
import HeadraceCompiler

struct EvaluateSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Measures bytes and accuracy of split networks beside pictures sent as files.",
    discussion: """
      DATA is a folder of pictures and a list of them, test.txt, with a line for each: its path in the folder and \
      numbers between commas, the last of which is its class (GroceryStore's dataset/ is such a folder). Every rate of \
      the head runs through head, packet and tail in this process; with --unsplit also the whole network, and for what \
      comes back of JPEG and WebP files of the pixels that it sees. A second split, BottleFit, is measured raw and in \
      packets; raw latents are compressed by zlib and zstd too. Prints a table; with --output also writes it to \
      split.md, every figure to split.json, and a plot to split.png.

      WebP, zlib, zstd and the plot take Python: a virtual environment is made in the user's cache at first use. \
      --no-peers does without.

      Example:
        headrace evaluate split GroceryStoreDataset/dataset --unsplit unsplit.hrm -o report/
        headrace evaluate split photos/ --list photos/val.txt --models trained/ --no-bottlefit --no-peers --every 10
      """)

  @Argument(help: "The data set's folder.")
  var data: String

  @Option(name: .shortAndLong, help: "The folder to write. (default: the table is printed alone)")
  var output: String?

  @Option(
    help: ArgumentHelp("The list of pictures. (default: test.txt in DATA)", valueName: "file"))
  var list: String?

  @Option(help: "Take the first of so many pictures, 1 to 1,000,000.")
  var every = 1

  @Option(
    help: ArgumentHelp(
      "A folder of head.hrm and tail.hrm. (default: the shipped split)", valueName: "folder"))
  var models: String?

  @Option(help: ArgumentHelp("The whole network, .hrm or .onnx.", valueName: "file"))
  var unsplit: String?

  @Option(
    help: ArgumentHelp("The same of BottleFit. (default: the shipped one)", valueName: "folder"))
  var bottlefit: String?

  @Flag(help: "Measure no second split.")
  var noBottlefit = false

  @Option(help: "JPEG qualities, between commas.", transform: qualityList)
  var jpeg = [10, 30, 50, 75]

  @Option(
    help: "WebP qualities, between commas. (default: 0,20,50,75)", transform: qualityList)
  var webp: [Int]?

  @Flag(inversion: .prefixedNo, help: "Run what takes Python.")
  var peers = true

  @Option(help: "A Python that has the packages of requirements-split.txt.")
  var python: String?

  @Flag(help: "Print split.json on one line in place of the table.")
  var json = false

  @Flag(name: .shortAndLong, help: "Neither progress nor the table, only errors.")
  var quiet = false

  func validate() throws {
    guard output != "" else { throw ValidationError("--output takes a folder's name") }
    guard (1...1_000_000).contains(every) else {
      throw ValidationError("--every takes 1 to 1,000,000, not \(every)")
    }
    guard !jpeg.contains(0) else { throw ValidationError("--jpeg takes qualities from 1 to 100") }
    guard peers || (webp == nil && python == nil) else {
      throw ValidationError(
        "\(webp == nil ? "--python" : "--webp") and --no-peers exclude each other")
    }
    guard bottlefit == nil || !noBottlefit else {
      throw ValidationError("--bottlefit and --no-bottlefit exclude each other")
    }
  }

  func run() throws {
    let progress = ProgressLine(quiet: quiet)
    // What is wrong is found before what takes long, and nothing is written before all is measured.
    let pictures = try LabelledPictures(data, list: list, every: every)
    var pairs = [try pair("split", models)]
    if !noBottlefit { pairs.append(try pair("BottleFit", bottlefit, shipped: "bottlefit")) }
    let measurement = SplitMeasurement(
      data: pictures, pairs: pairs, unsplit: try unsplit.map(openForPictures), qualities: jpeg,
      progress: progress)
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let scripts = try peers ? openPython(progress, temporary.folder) : nil
    let folder = try output.map(OutputFolder.init)
    let report = try SplitEvaluation(
      measurement: measurement, scripts: scripts, webp: webp ?? [0, 20, 50, 75], data: data,
      every: every
    ).report()
    if let folder { try write(report, folder, scripts) }
    if json {
      print(String(decoding: try encoded(report, []), as: UTF8.self))
    } else if !quiet {
      print(SplitTables(report: report, figure: nil).text, terminator: "")
    }
  }

  private func pair(
    _ name: String, _ folder: String?, shipped: String = "split"
  ) throws -> SplitMeasurement.Pair {
    let folder = folder ?? ShippedFiles.models.path(shipped)
    return .init(
      name: name, head: try openForPictures(folder + "/head.hrm"),
      tail: try open(folder + "/tail.hrm"))
  }

  private func open(_ path: String) throws -> OpenModel {
    try naming(path) { try OpenModel(path: path) }
  }

  private func openForPictures(_ path: String) throws -> OpenModel {
    let model = try open(path)
    guard model.pictureSize != nil else {
      throw CompilerError(
        "its first input takes no pictures; name a network that does, compiled with the --mean and --std of"
          + " its training", at: path)
    }
    return model
  }

  private func openPython(_ progress: ProgressLine, _ work: OutputFolder) throws -> SplitPeers {
    let packages = PythonPackages(
      requirements: ShippedFiles.evaluate.path("requirements-split.txt"), without: "--no-peers",
      prerequisites: nil)
    return SplitPeers(
      python: try python.map { try PythonEnvironment($0, packages: packages) }
        ?? PythonEnvironment(packages: packages, progress), work: work)
  }

  private func write(
    _ report: SplitReport, _ folder: OutputFolder, _ scripts: SplitPeers?
  ) throws {
    if let scripts { try folder.write(scripts.draw(encoded(report, [])), "split.png") }
    try folder.write(encoded(report, .prettyPrinted), "split.json")
    let tables = SplitTables(report: report, figure: scripts == nil ? nil : "split.png")
    try folder.write(Data(tables.text.utf8), "split.md")
  }

  private func encoded(
    _ report: SplitReport, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, formatting]
    return try encoder.encode(report)
  }
}

@Sendable private func qualityList(_ text: String) throws -> [Int] {
  let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
  guard numbers.allSatisfy({ $0.map((0...100).contains) ?? false }),
    Set(numbers).count == numbers.count
  else { throw ValidationError("\"\(text)\" is no list of different qualities from 0 to 100") }
  return numbers.compactMap(\.self)
}
