import ArgumentParser
import Foundation
import HeadraceCompiler

struct EvaluateEnhanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enhance",
    abstract: "Measures how near the truth dark pictures come, and that light ones stay.",
    discussion: """
      DATA is a folder with dark pictures in low/ and the truth in high/, as PNG, JPEG or PPM under equal names. \
      Our tiers, classical methods of OpenCV and the dark pictures as they are get PSNR, SSIM and NIQE; others' \
      published figures on LOL-v1 stand beside them. The pictures of high/, and of --well-lit folders, have to \
      come back as they were. Prints tables; with --output also writes them to enhance.md, every figure to \
      enhance.json, and a contact sheet and a plot.

      PNGs, classical methods, NIQE and plots take Python: a virtual environment is made in the user's cache at \
      first use. --no-peers --no-niqe --no-plots does without for JPEG and PPM.

      Example:
        headrace evaluate enhance LOL/eval15 -o report/
        headrace evaluate enhance night/ --tier nano --type fixed --well-lit day/ --json
      """)

  @Argument(help: "The folder of low/ and high/.")
  var data: String

  @Option(name: .shortAndLong, help: "The folder to write. (default: tables are printed alone)")
  var output: String?

  @Option(
    name: .customLong("tier"),
    help: "Between commas. (default: \(EnhanceVariant.tiers.joined(separator: ",")))",
    transform: tierList)
  var tiers = EnhanceVariant.tiers

  @Option(
    name: .customLong("type"),
    help: "Arithmetic of the networks, between commas. (default: fixed,float32)",
    transform: typeList)
  var types = EnhanceVariant.Arithmetic.allCases

  @Option(help: "A folder of more pictures that need no light; may be given again.")
  var wellLit: [String] = []

  @Flag(inversion: .prefixedNo, help: "Run classical methods too.")
  var peers = true

  @Flag(inversion: .prefixedNo, help: "Ask how natural results look (NIQE).")
  var niqe = true

  @Option(
    help: ArgumentHelp(
      "What NIQE takes for pristine: photographs, or its model as .mat or .npz. (default: high/)",
      valueName: "folder|model"))
  var pristine: String?

  @Flag(inversion: .prefixedNo, help: "Draw a contact sheet and a plot, with --output.")
  var plots = true

  @Option(help: "A Python that has the packages of requirements-enhance.txt.")
  var python: String?

  @Flag(help: "Print enhance.json on one line in place of tables.")
  var json = false

  @Flag(name: .shortAndLong, help: "Neither progress nor tables, only errors.")
  var quiet = false

  func validate() throws {
    guard output != "" else { throw ValidationError("--output takes a folder's name") }
    guard pristine == nil || niqe else { throw ValidationError("--pristine is for NIQE") }
    guard !variants.isEmpty else {
      throw ValidationError("there is no such --tier with such a --type")
    }
  }

  private var variants: [EnhanceVariant] {
    EnhanceVariant.all.filter { tiers.contains($0.tier) && types.contains($0.arithmetic) }
  }

  private var drawsPlots: Bool { plots && output != nil }

  func run() throws {
    let progress = ProgressLine(quiet: quiet)
    // What is wrong is found before what takes long, and nothing is written before all is measured.
    let folders = try folders()
    let enhancers = try variants.map(PictureEnhancer.init)
    let python = try openPython(hasPNG: folders.hasPNG, progress)
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let pictures = try pictures(folders, python, temporary.folder, progress)
    let isNew = output.map { !FileManager.default.fileExists(atPath: $0) } ?? false
    let folder = try output.map(OutputFolder.init)
    var isDone = false
    // Only if it is empty, that is.
    defer { if let folder, isNew, !isDone { rmdir(folder.url.path) } }

    let measurement = EnhanceMeasurement(
      pairs: pictures.pairs, work: temporary.folder, progress: progress)
    let report = try measure(
      pictures, enhancers, measurement,
      python.map { EnhancePeers(python: $0, measurement: measurement) })
    if let folder { try write(report, folder, plots: temporary.folder) }
    isDone = true
    if json {
      print(String(decoding: try encoded(report, []), as: UTF8.self))
    } else if !quiet {
      print(EnhanceTables(report: report, figures: []).text, terminator: "")
    }
  }

  /// - Parameter scripts: there if anything asks for them.
  private func measure(
    _ pictures: Pictures, _ enhancers: [PictureEnhancer], _ measurement: EnhanceMeasurement,
    _ scripts: EnhancePeers?
  ) throws -> EnhanceReport {
    let wellLit = try pictures.wellLit.flatMap { folder in
      try enhancers.map { try measurement.wellLit(folder, $0) }
    }
    var outcomes = [
      measurement.outcome("dark, as it is", .dark, pictures.pairs.map(\.dark))
    ]
    let classical = try peers ? scripts!.classical(outcomes[0]) : nil
    outcomes += classical?.outcomes ?? []
    outcomes += try enhancers.map(measurement.run)
    outcomes.append(measurement.outcome("truth", .truth, pictures.pairs.map(\.truth)))
    try measurement.compare(&outcomes)
    let judged = try niqe ? scripts!.judge(&outcomes, pictures.pristine) : nil
    for index in outcomes.indices {
      outcomes[index].method.mean = .init(meanOf: outcomes[index].method.pictures)
    }
    let report = EnhanceReport(
      producer: Compilation.producer, data: data, classical: classical?.about, niqe: judged,
      pictures: pictures.pairs.map(\.name),
      sizes: pictures.pairs.map { "\($0.width)x\($0.height)" }, methods: outcomes.map(\.method),
      wellLit: wellLit)
    if drawsPlots {
      try scripts!.draw(outcomes, try encoded(report, []))
    }
    return report
  }

  private static let jsonName = "enhance.json"

  /// What `enhance_plots.py` draws.
  private static let plotNames = [
    ("enhance-cost.png", "PSNR and SSIM by cost"),
    ("enhance-pictures.png", "Dark pictures, what each method makes of them, and the truth"),
  ]

  private func write(_ report: EnhanceReport, _ folder: OutputFolder, plots: OutputFolder) throws {
    let names = drawsPlots ? Self.plotNames : []
    for (name, _) in names { try folder.write(try readFile(plots.path(name)), name) }
    try folder.write(try encoded(report, .prettyPrinted), Self.jsonName)
    let tables = EnhanceTables(report: report, figures: names)
    try folder.write(Data(tables.text.utf8), "enhance.md")
  }

  private func encoded(
    _ report: EnhanceReport, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, formatting]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return try encoder.encode(report)
  }

  private func openPython(hasPNG: Bool, _ progress: ProgressLine) throws -> PythonEnvironment? {
    guard peers || niqe || drawsPlots || hasPNG else {
      guard python == nil else {
        throw ValidationError(
          "--python is for classical methods, NIQE, plots with --output and PNGs, and there are none; leave it out"
        )
      }
      return nil
    }
    let packages = PythonPackages(
      requirements: ShippedFiles.evaluate.path("requirements-enhance.txt"),
      without: "--no-peers --no-niqe --no-plots" + (hasPNG ? ", with PNGs converted to PPM" : ""),
      prerequisites: nil)
    return try python.map { try PythonEnvironment($0, packages: packages) }
      ?? PythonEnvironment(packages: packages, progress)
  }
}

@Sendable private func tierList(_ text: String) throws -> [String] {
  try list(text) { name in
    guard EnhanceVariant.tiers.contains(name) else {
      throw ValidationError(
        "\"\(name)\" is no tier; there are \(EnhanceVariant.tiers.joined(separator: ", "))")
    }
    return name
  }
}

@Sendable private func typeList(_ text: String) throws -> [EnhanceVariant.Arithmetic] {
  try list(text) { name in
    guard let type = EnhanceVariant.Arithmetic(rawValue: name) else {
      throw ValidationError("\"\(name)\" is no arithmetic; there are fixed and float32")
    }
    return type
  }
}

private func list<Value: Hashable>(
  _ text: String, _ value: (String) throws -> Value
) throws -> [Value] {
  let values = try text.split(separator: ",", omittingEmptySubsequences: false).map {
    try value(String($0))
  }
  guard Set(values).count == values.count else {
    throw ValidationError("\"\(text)\" names something twice")
  }
  return values
}
