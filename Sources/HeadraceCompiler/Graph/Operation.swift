/// What a node computes. Operands are node inputs in the order given here; axes, where there are any,
/// are those of the graph's present layout, counted from the front. Each case becomes one operator of
/// `hrm.h`, which defines the arithmetic.
public enum Operation: Equatable, Sendable {
  /// x, weights [O, I/groups, kh, kw], bias [O]?. A depthwise convolution has groups = I.
  /// One-dimensional convolutions are imported with H = 1. Weights keep this order in every layout; the
  /// writer packs them.
  case convolution(Convolution)
  /// x, weights [I, O/groups, kh, kw], bias [O]?
  case transposedConvolution(Convolution)
  /// x [..., K], weights [N, K], bias [N]?
  case dense(clamp: Clamp?)
  /// a, b; leading axes broadcast
  case matrixProduct(transposeA: Bool, transposeB: Bool, clamp: Clamp?)
  case pool(Pool)
  /// x
  case unary(Unary)
  /// x, slope, one for each channel of x
  case prelu
  /// a, b, of the same rank, dims equal or 1
  case binary(Binary, clamp: Clamp?)
  case softmax(axis: Int)
  case concat(axis: Int)
  /// y[i] = x[begin + i * step]; the extents are the output value's.
  case slice(begin: [Int], step: [Int])
  case pad(mode: PadMode, before: [Int], after: [Int], value: Float)
  case reshape
  case transpose(permutation: [Int])
  /// The output keeps reduced axes with extent 1.
  case reduce(Reduction, axes: [Int])
  case resize(Resize)
  case depthToSpace(block: Int, columnRowDepth: Bool)
  case spaceToDepth(block: Int)
  /// x, gamma?, beta?, over the last `axes` axes
  case layerNorm(axes: Int, epsilon: Float)
  /// x, gamma, beta
  case groupNorm(groups: Int, epsilon: Float)
  /// The output value's quantization says how. Importers make these; `adoptQuantization` removes what
  /// it can.
  case quantize
  /// The input value's quantization says how.
  case dequantize
}

public struct Clamp: Equatable, Sendable {
  public var min: Float
  public var max: Float
  public static let relu = Clamp(min: 0, max: .infinity)
  public static let relu6 = Clamp(min: 0, max: 6)

  public init(min: Float, max: Float) {
    self.min = min
    self.max = max
  }
}

public struct Convolution: Equatable, Sendable {
  public var strides = [1, 1]
  public var dilations = [1, 1]
  /// top, left, bottom, right
  public var pads = [0, 0, 0, 0]
  public var groups = 1
  public var clamp: Clamp?

  public init() {}
}

public struct Pool: Equatable, Sendable {
  public enum Function: Sendable { case max, average }
  public var function: Function
  public var kernel: [Int]
  public var strides = [1, 1]
  public var dilations = [1, 1]
  public var pads = [0, 0, 0, 0]
  public var countIncludePad = false
  public var clamp: Clamp?

  public init(_ function: Function, kernel: [Int]) {
    self.function = function
    self.kernel = kernel
  }
}

/// Functions of one real number; names and parameters as hrm_function.
public enum Unary: Equatable, Sendable {
  case clamp(Clamp)
  case leakyRelu(slope: Float)
  case elu(alpha: Float)
  case selu(alpha: Float, gamma: Float)
  case sigmoid, tanh
  case hardSigmoid(alpha: Float, beta: Float)
  case hardSwish, gelu, geluTanh
  case sqrt, exp, log, abs, neg, reciprocal, softplus, erf, swish
  case power(Float)
  case floor, ceil, round, sin, cos
  case affine(scale: Float, offset: Float)
  case softsign
}

public enum Binary: Sendable { case add, sub, mul, div, min, max, pow, squaredDifference }
public enum Reduction: Sendable { case mean, sum, max, min }
public enum PadMode: Sendable { case constant, reflect, edge }

/// Resizing of the two spatial axes to the output value's extents. Coordinates as ONNX defines them.
public struct Resize: Equatable, Sendable {
  public enum Mode: Sendable { case nearest, bilinear }
  public enum Coordinates: Sendable { case halfPixel, pytorchHalfPixel, alignCorners, asymmetric }
  public enum Rounding: Sendable { case preferFloor, preferCeil, floor, ceil }
  public var mode: Mode
  public var coordinates: Coordinates
  /// Of nearest.
  public var rounding: Rounding
  /// Output over input extent, as given by the network (not always the exact quotient).
  public var scales: [Double]

  public init(
    mode: Mode, coordinates: Coordinates, rounding: Rounding = .preferFloor, scales: [Double]
  ) {
    self.mode = mode
    self.coordinates = coordinates
    self.rounding = rounding
    self.scales = scales
  }
}
