import ArgumentParser
import Foundation
import HeadraceCompiler

extension CompileOptions.Arithmetic: ExpressibleByArgument {}
extension PictureInput.Color: ExpressibleByArgument {}
extension PictureInput.Fit: ExpressibleByArgument {}

enum RangeName: String, ExpressibleByArgument, CaseIterable { case minmax, percentile, mse }
enum InterfaceName: String, ExpressibleByArgument, CaseIterable { case float32, quantized }

struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Turns an ONNX network into a .hrm model.",
    discussion: """
      A network with QuantizeLinear and DequantizeLinear nodes is compiled as it is. Any other one \
      becomes a float32 model, or is quantized with ranges measured on calibration data.

      Example:
        headrace compile head.onnx -o head.hrm --type int8 --calibrate photos/ \\
          --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
        headrace compile beam.onnx -o beam.hrm --type int16x8 --calibrate blocks.npy
        headrace compile tail.onnx --head head.hrm -o tail.hrm \\
          --type int8 --calibrate latents/
      """)

  @Argument(help: "The ONNX network.")
  var input: String

  @Option(name: .shortAndLong, help: "The .hrm file to write.")
  var output: String

  @Option(help: "Arithmetic of a network that is not quantized yet. (default: float32)")
  var type: CompileOptions.Arithmetic?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Typical inputs: pictures, folders, .npy arrays; NAME=FILE.npy for one of several inputs.",
      valueName: "path"))
  var calibrate: [String] = []

  @Option(
    help:
      "Ranges of activations: all that was seen, most of it, or the least squared error. (default: mse)"
  )
  var range: RangeName?

  @Option(help: "Percent of values that a range of --range percentile keeps. (default: 99.99)")
  var percentile: Double?

  @Option(
    name: .customLong("float"), parsing: .upToNextOption,
    help: ArgumentHelp("Nodes that stay in float.", valueName: "node"))
  var floatNodes: [String] = []

  @Option(help: "Colour order of a picture input.")
  var color: PictureInput.Color?

  @Option(help: "Mean of each channel, of pixels from 0 to 1.", transform: numbers)
  var mean: [Double]?

  @Option(help: "Standard deviation of each channel, of the same.", transform: numbers)
  var std: [Double]?

  @Option(help: "How a frame of another shape is fitted.")
  var fit: PictureInput.Fit?

  @Option(help: ArgumentHelp("A text file with one line for each class.", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("Shape of an input, e.g. x=1x3x224x224.", valueName: "name=dims"))
  var shape: [String] = []

  @Option(
    help: ArgumentHelp(
      "The network is a tail: the head, compiled, whose latent its first input is.",
      valueName: "file"))
  var head: String?

  @Option(help: "How inputs and outputs of a fixed-point model are stored.")
  var interface: InterfaceName = .quantized

  @Option(help: ArgumentHelp("Write what quantization costs, as text or .json.", valueName: "file"))
  var report: String?

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output takes a file's name") }
    guard report != "" else { throw ValidationError("--report takes a file's name") }
    if let percentile {
      guard percentile > 50 && percentile <= 100 else {
        throw ValidationError("--percentile must be above 50 and at most 100")
      }
      guard range == .percentile else {
        throw ValidationError("--percentile is for --range percentile")
      }
    }
    for (name, values) in [("--mean", mean), ("--std", std)] {
      guard let values, ![1, 3].contains(values.count) else { continue }
      throw ValidationError("\(name) takes 1 or 3 numbers between commas")
    }
    if let value = std?.first(where: { $0 <= 0 }) {
      throw ValidationError("--std takes positive numbers, not \(value)")
    }
    try checkScale()
    guard calibrate.isEmpty || type == .int8 || type == .int16x8 else {
      throw ValidationError("--calibrate needs --type int8 or --type int16x8")
    }
    guard range == nil || !calibrate.isEmpty else {
      throw ValidationError("--range is of what --calibrate shows; add that")
    }
    guard floatNodes.isEmpty || type == .int8 || type == .int16x8 else {
      throw ValidationError("--float needs --type int8 or --type int16x8")
    }
    _ = try shapes()
  }

  /// Many networks' cards tell mean and deviation of pixels from 0 to 255. Means above 1 are such; so are deviations
  /// above 10, and no others for sure, as a network may want its pixels in another range.
  private func checkScale() throws {
    let scaled = { (values: [Double]) in
      values.map { String(format: "%.4g", $0 / 255) }.joined(separator: ",")
    }
    if let mean, let value = mean.first(where: { $0 > 1 }) {
      // Without a deviation the network wants 255 levels.
      throw ValidationError(
        "--mean is of pixels from 0 to 1, and \(value) is of 0 to 255; divide mean and deviation by 255: "
          + "--mean \(scaled(mean)) --std \(scaled(std ?? [1]))")
    }
    if let std, let value = std.first(where: { $0 > 10 }) {
      throw ValidationError(
        "--std is of pixels from 0 to 1, and \(value) is of 0 to 255; divide by 255: --std \(scaled(std))"
      )
    }
  }

  /// What is written may be nothing that is read, nor the other thing that is written, and has a place.
  private func checkNothingIsLost() throws {
    for written in [output, report].compactMap({ $0 }) {
      try checkPlace(ofFile: written)
      guard !isSameFile(written, input) else {
        throw CompilerError("would overwrite the network; choose another name", at: written)
      }
      for (read, what) in [(labels, "labels"), (head, "head")] {
        guard let read, isSameFile(written, read) else { continue }
        throw CompilerError("would overwrite the \(what); choose another name", at: written)
      }
      let folder = folder(of: written)
      let exists = FileManager.default.fileExists(atPath: written)
      for entry in calibrate {
        // PATH or NAME=PATH.
        let path = entry.split(separator: "=", maxSplits: 1).last.map(String.init) ?? entry
        guard !isSameFile(written, path), !(exists && isSameFile(folder, path)) else {
          throw CompilerError(
            "would overwrite a sample of the calibration; choose another name", at: written)
        }
      }
    }
    if let report, areOnePlace(report, output) {
      throw CompilerError("the model and its report have one name; choose another", at: report)
    }
  }

  func run() throws {
    guard !input.lowercased().hasSuffix(".tflite") else {
      throw CompilerError(
        "TFLite networks cannot be read by this version; convert it to ONNX, with tf2onnx for example",
        at: input)
    }
    try checkNothingIsLost()
    var options = CompileOptions()
    options.head = try head.map { path in
      try naming(path) { try LatentHead([UInt8](readFile(path))) }
    }
    let bytes = try readFile(input)
    let folder = URL(fileURLWithPath: input).deletingLastPathComponent()
    var graph: Graph
    do {
      graph = try importONNX(bytes, shapes: try shapes(), directory: folder)
    } catch let error as CompilerError where error.location == nil {
      throw CompilerError(error.message, at: input)
    }
    let progress = ProgressLine(quiet: quiet)
    try optimize(&graph) { progress.update($0, Int($1 * 100), 100) }
    options.arithmetic = type ?? .float32
    options.calibration = calibrate
    options.range =
      switch range {
      case .minmax: .minimumMaximum
      case .percentile: .percentile(percentile ?? 99.99)
      case .mse, nil: .meanSquaredError
      }
    options.floatNodes = Set(floatNodes)
    options.picture = try picture(graph)
    options.labels = try labels.map { path in
      guard let text = String(bytes: try readFile(path), encoding: .utf8) else {
        throw CompilerError("is no UTF-8 text with one label a line", at: path)
      }
      return text.replacing("\r\n", with: "\n")
    }
    options.floatInterface = interface == .float32
    options.progress = progress.update
    let result = try Compilation(graph, source: sourceName(bytes), options)
    progress.finish()
    if !quiet { notes(graph, options).forEach { print("note: \($0)") } }
    if let report {
      let text =
        report.lowercased().hasSuffix(".json") ? try encodeJSON(result.summary) : result.report
      try writeFile(Array(text.utf8), to: report)
    }
    try result.save(to: output)
    if !quiet { print(result.summary.text(output), terminator: "") }
  }

  /// What was asked for and has no effect, and what was taken for granted.
  private func notes(_ graph: Graph, _ options: CompileOptions) -> [String] {
    var notes: [String] = []
    if graph.isQuantized, type != nil {
      let idle =
        ["--type"] + (calibrate.isEmpty ? [] : ["--calibrate"]) + (range == nil ? [] : ["--range"])
        + (floatNodes.isEmpty ? [] : ["--float"])
      notes.append(
        "the network is quantized already and is compiled as it is, without \(idle.joined(separator: ", "))"
      )
    }
    if let picture = options.picture, mean == nil || std == nil || color == nil {
      let color = picture.color == .gray ? "gray" : picture.color.rawValue.uppercased()
      notes.append(
        "pictures are \(color), of pixels from 0 to 1, less mean \(list(picture.mean)), over standard"
          + " deviation \(list(picture.deviation)), fitted by \(picture.fit.rawValue); --color, --mean, --std"
          + " and --fit say otherwise")
    }
    return notes
  }

  private func list(_ values: [Double]) -> String {
    Set(values).count == 1
      ? "\(values[0])" : values.map { "\($0)" }.joined(separator: ",")
  }

  /// The file's name and checksum, so that a model can be traced to its network.
  private func sourceName(_ bytes: Data) -> String {
    "\(URL(fileURLWithPath: input).lastPathComponent) crc32c:\(checksum([UInt8](bytes)))"
  }

  private func shapes() throws -> [String: [Int]] {
    var shapes: [String: [Int]] = [:]
    for text in shape {
      let parts = text.split(separator: "=", maxSplits: 1)
      let dims = parts.last?.split { "x,".contains($0) }.map { Int($0) ?? 0 } ?? []
      guard parts.count == 2, !dims.isEmpty, dims.allSatisfy({ $0 > 0 }) else {
        throw ValidationError("--shape takes NAME=1x3x224x224, not \(text)")
      }
      shapes[String(parts[0])] = dims
    }
    return shapes
  }

  /// What the options say about the first input, over what the network's metadata says. A network whose
  /// only input looks like a picture gets one without asking: 0 to 1, cropped.
  private func picture(_ graph: Graph) throws -> PictureInput? {
    let asked = color != nil || mean != nil || std != nil || fit != nil
    let shape = graph.inputs.first.map { graph.values[$0].shape } ?? []
    let looksRight =
      graph.inputs.count == 1 && shape.count == 4 && shape[0] == 1 && shape[1] > 1 && shape[2] > 1
      && [1, 3].contains(shape[3])
    guard asked || (looksRight && graph.pictures.isEmpty) else { return nil }
    guard shape.count == 4 else {
      throw CompilerError("--color, --mean, --std and --fit need a network that takes pictures")
    }
    let channels = shape[3] == 1 ? 1 : 3
    var picture =
      graph.pictures[0]
      ?? PictureInput(
        color: channels == 1 ? .gray : .rgb, mean: Array(repeating: 0, count: channels),
        deviation: Array(repeating: 1, count: channels))
    if let color { picture.color = color }
    if let fit { picture.fit = fit }
    func spread(_ values: [Double]) -> [Double] {
      values.count == 1 ? Array(repeating: values[0], count: channels) : values
    }
    if let mean { picture.mean = spread(mean) }
    if let std { picture.deviation = spread(std) }
    return picture
  }
}

@Sendable private func numbers(_ text: String) throws -> [Double] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map {
    guard let number = Double($0), number.isFinite else {
      throw ValidationError("\"\($0)\" is not a finite number")
    }
    return number
  }
}
