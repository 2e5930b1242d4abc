import CHeadrace
import Foundation

/// How a network is to be compiled: what `headrace compile` asks for.
public struct CompileOptions {
  public enum Arithmetic: String, CaseIterable, Sendable { case float32, int8, int16x8 }

  /// Of a network without quantization; one with it is compiled as it is.
  public var arithmetic = Arithmetic.float32
  /// Pictures, folders of pictures and `.npy` files, each perhaps as NAME=PATH for the input NAME.
  public var calibration: [String] = []
  public var range = RangeMethod.meanSquaredError
  /// Nodes that stay in float.
  public var floatNodes: Set<String> = []
  /// How a frame becomes the first input; nil: as the network's metadata says.
  public var picture: PictureInput?
  /// One a line, as many as the last axis of the first output has classes.
  public var labels: String?
  /// The head whose latent the first input is: the network is a tail.
  public var head: LatentHead?
  /// Inputs and outputs as float32, even of a fixed-point model.
  public var floatInterface = false
  /// Called with what is being done, steps done and steps in all.
  public var progress: (String, Int, Int) -> Void = { _, _, _ in }

  public init() {}
}

/// A finished model.
public struct Compilation {
  let compiled: CompiledModel
  let noise: NoiseReport?
  /// The `.hrm` file.
  public var bytes: [UInt8] { compiled.bytes }

  /// "headrace VERSION", as models tell who wrote them.
  public static let producer = "headrace " + String(cString: hr_version_string())

  /// Compiles a graph that `optimize` has given its final layout.
  /// - Parameter source: The file it came from, for the model's metadata.
  /// - Throws: `CompilerError` that names the node, what is wrong and, where there is one, a remedy.
  public init(_ graph: Graph, source: String, _ options: CompileOptions) throws {
    do {
      (compiled, noise) = try Self.compile(graph, source: source, options)
    } catch let error as RuntimeError {
      throw CompilerError("the runtime cannot run the model: \(error)")
    }
  }

  private static func compile(
    _ graph: Graph, source: String, _ options: CompileOptions
  ) throws -> (CompiledModel, NoiseReport?) {
    var graph = graph
    if let picture = options.picture { graph.pictures[0] = picture }
    if let labels = options.labels {
      try checkLabels(labels, graph)
      graph.metadata["labels"] = labels
    }
    if let head = options.head {
      try graph.attach(to: head)
    } else {
      try graph.checkLatent(options.arithmetic)
    }
    graph.metadata["producer"] = producer
    graph.metadata["source"] = source
    let interface: Lowering.Interface = options.floatInterface ? .float32 : .quantized
    guard options.arithmetic != .float32 && !graph.isQuantized else {
      return (try ModelWriter.write(Lowering.lower(graph, interface: interface)), nil)
    }
    guard !options.calibration.isEmpty else {
      throw CompilerError(
        "an \(options.arithmetic.rawValue) model needs calibration data: add --calibrate with a"
          + " folder of typical pictures or .npy arrays")
    }
    var quantizer = Quantizer()
    quantizer.storage = options.arithmetic == .int8 ? .int8 : .int16
    quantizer.method = options.range
    quantizer.floatNodes = options.floatNodes
    // Before samples are read: reading and running all of them may take minutes.
    try quantizer.checkNodeNames(graph)
    let float = try ModelWriter.write(Lowering.lower(graph, interface: .float32))
    let data = try calibrationData(options.calibration, float)
    quantizer.progress = { options.progress("calibrating", $0, $1) }
    let histograms = try quantizer.histograms(graph, float, data)
    let quantized = try quantizer.quantize(graph, histograms)
    let compiled = try ModelWriter.write(Lowering.lower(quantized, interface: interface))
    let noise = try NoiseReport(
      float: float, quantized: compiled, outputs: graph.outputs, data,
      progress: { options.progress("comparing with float", $0, $1) })
    return (compiled, noise)
  }

  /// A label too many or too few means that answers would have other classes' names.
  private static func checkLabels(_ labels: String, _ graph: Graph) throws {
    let lines = labels.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let count = lines.count - (lines.last?.isEmpty == true ? 1 : 0)
    let output = graph.values[graph.outputs[0]]
    let classes = output.shape.last ?? 1
    guard count == classes else {
      throw CompilerError(
        "there \(count == 1 ? "is" : "are") \(counted(count, "label")), but"
          + " \(counted(classes, "class", "classes")); --labels takes a line for each class",
        at: "output \(output.name)")
    }
  }

  public func save(to path: String) throws { try writeFile(bytes, to: path) }
}

extension Graph {
  /// Whether any activation has a quantization: the network was quantized before it came here.
  public var isQuantized: Bool {
    nodes.contains { node in
      node.operation == .quantize
        || node.outputs.contains { ElementFormat(values[$0].quantization) != nil }
    }
  }
}
