/// A network on its way from ONNX to `.hrm`.
///
/// Nodes stand in an order in which they can run. Before the layout pass spatial operators read
/// N x C x H x W (`layout == .channelsFirst`), as ONNX has it; after it N x H x W x C. A value is named by
/// its index in `values`; passes leave unused values behind and `removeDeadCode` compacts.
public struct Graph {
  public typealias ValueID = Int

  public enum Layout: Sendable { case channelsFirst, channelsLast }

  public var name = ""
  public var layout = Layout.channelsFirst
  public var values: [Value] = []
  public var nodes: [Node] = []
  public var inputs: [ValueID] = []
  public var outputs: [ValueID] = []
  /// Text that goes into the model: "name", "labels", "licence", ...
  public var metadata: [String: String] = [:]
  /// How a picture becomes an input, by input position.
  public var pictures: [Int: PictureInput] = [:]
  /// What the network leaves open or states wrongly, for who compiles it.
  public var notes: [String] = []

  public init() {}

  public mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    return values.count - 1
  }
}

public struct Value {
  public var name: String
  public var shape: [Int]
  /// What it holds if it is known when compiling, row-major.
  public var constant: Constant?
  /// How its real numbers are stored; nil: as float32.
  public var quantization: Quantization?
  /// Set by the layout pass on graph inputs and outputs that it transposed; see hr_tensor.
  public var channelsFirstSource = false
  /// The rank in the source network, where the layout pass changed it.
  public var sourceRank: Int?

  public init(name: String, shape: [Int], constant: Constant? = nil) {
    self.name = name
    self.shape = shape
    self.constant = constant
  }

  public var elementCount: Int { shape.reduce(1, *) }
}

/// Elements of a constant. Shapes, axes and indices are int64; weights float; quantized weights int32.
public enum Constant: Equatable, Sendable {
  case float([Float])
  case int64([Int64])
  /// The elements of an int8 or int32 tensor whose meaning `Value.quantization` gives.
  case quantized([Int32])
}

/// real = scale * (element - zeroPoint), per tensor, or per slice along `axis`.
public struct Quantization: Equatable, Sendable {
  public enum Storage: Sendable { case int8, int16, int32 }
  public var storage: Storage
  public var scales: [Float]
  /// One, for all slices; weights have 0.
  public var zeroPoint: Int
  /// The axis that scales run along; nil if there is one scale.
  public var axis: Int?

  public init(storage: Storage, scales: [Float], zeroPoint: Int = 0, axis: Int? = nil) {
    self.storage = storage
    self.scales = scales
    self.zeroPoint = zeroPoint
    self.axis = axis
  }
}

public struct Node {
  public var name: String
  public var operation: Operation
  /// nil: an optional input that is absent.
  public var inputs: [Graph.ValueID?]
  public var outputs: [Graph.ValueID]

  public init(
    name: String, _ operation: Operation, inputs: [Graph.ValueID?], outputs: [Graph.ValueID]
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// How a frame becomes an input: x = (pixel / 255 - mean) / deviation for each channel.
public struct PictureInput: Equatable, Sendable {
  public enum Color: String, Sendable, CaseIterable { case rgb, bgr, gray }
  public enum Fit: String, Sendable, CaseIterable { case stretch, crop, letterbox }
  public var color = Color.rgb
  public var fit = Fit.crop
  public var mean: [Double]
  public var deviation: [Double]

  public init(
    color: Color = .rgb, fit: Fit = .crop, mean: [Double] = [0, 0, 0],
    deviation: [Double] = [1, 1, 1]
  ) {
    self.color = color
    self.fit = fit
    self.mean = mean
    self.deviation = deviation
  }
}

/// Why a network cannot be compiled: what, where, and what to do about it.
public struct CompilerError: Error, CustomStringConvertible, Sendable {
  public var message: String
  /// The node's or value's name in the source network.
  public var location: String?

  public init(_ message: String, at location: String? = nil) {
    self.message = message
    self.location = location
  }

  public var description: String { location.map { "\($0): \(message)" } ?? message }
}
