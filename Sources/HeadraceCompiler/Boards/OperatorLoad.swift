/// What an operator makes a board do.
struct OperatorLoad {
  enum Kind {
    /// Sums over channels: tiles of them fill a core's multipliers.
    case contraction
    /// A Winograd convolution, by the multiplications of the plain one.
    case winograd
    case depthwise
    /// 3x3 of int16, whose weights stay in the registers of 64-bit ARM.
    case depthwiseNine
    /// So many cycles for each element of the output.
    case elements(cycles: Double)
  }

  let kind: Kind
  let type: String
  let macs: Int
  /// Of the output.
  let elements: Int
  /// Read and written: inputs, outputs, weights.
  let bytes: Int
}

extension OperatorLoad {
  init(_ op: ModelDescription.Operator) {
    type = op.type
    macs = op.macs
    elements = op.shape.reduce(1, *)
    bytes = op.inputBytes + op.arenaBytes + op.weightBytes
    kind =
      switch op.name {
      case "conv2d", "transposed_conv2d", "dense", "matmul": .contraction
      case "winograd_conv2d": .winograd
      case "depthwise_conv2d" where op.type == "int16" && op.macs == 9 * elements: .depthwiseNine
      case "depthwise_conv2d": .depthwise
      case "reshape": .elements(cycles: op.inPlace ? 0 : 0.25)
      case "softmax", "unary", "layer_norm", "group_norm": .elements(cycles: 6)
      case "pool2d" where op.type == "int16": .elements(cycles: 35)
      case "resize" where op.type == "int16": .elements(cycles: 6)
      case "pool2d", "reduce", "resize": .elements(cycles: 4)
      case "binary" where op.type == "int16": .elements(cycles: 1.75)
      case "depth_to_space" where op.type == "int16": .elements(cycles: 3.5)
      case "concat" where op.type == "int16": .elements(cycles: 1.5)
      case "lookup", "prelu": .elements(cycles: 1)
      default: .elements(cycles: op.type == "int8" ? 0.5 : 1)
      }
  }
}
