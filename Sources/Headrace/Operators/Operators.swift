import CHeadrace

/// Finds an operator's implementation by its code.
enum Operators {
  /// Calls `visitor` with the type that implements `code`.
  static func visit<Visitor: OperatorVisitor>(
    _ code: UInt16, _ visitor: Visitor
  ) throws(Failure) -> Visitor.Result {
    switch UInt32(code) {
    case HRM_CONV2D.rawValue: try visitor.visit(Convolution.self)
    case HRM_DEPTHWISE_CONV2D.rawValue: try visitor.visit(DepthwiseConvolution.self)
    case HRM_TRANSPOSED_CONV2D.rawValue: try visitor.visit(TransposedConvolution.self)
    case HRM_DENSE.rawValue: try visitor.visit(Dense.self)
    case HRM_MATMUL.rawValue: try visitor.visit(MatrixProduct.self)
    case HRM_POOL2D.rawValue: try visitor.visit(Pool.self)
    case HRM_UNARY.rawValue: try visitor.visit(Unary.self)
    case HRM_LOOKUP.rawValue: try visitor.visit(Lookup.self)
    case HRM_PRELU.rawValue: try visitor.visit(PRelu.self)
    case HRM_BINARY.rawValue: try visitor.visit(Binary.self)
    case HRM_SOFTMAX.rawValue: try visitor.visit(Softmax.self)
    case HRM_CONCAT.rawValue: try visitor.visit(Concat.self)
    case HRM_SLICE.rawValue: try visitor.visit(Slice.self)
    case HRM_PAD.rawValue: try visitor.visit(Pad.self)
    case HRM_RESHAPE.rawValue: try visitor.visit(Reshape.self)
    case HRM_TRANSPOSE.rawValue: try visitor.visit(Transpose.self)
    case HRM_REDUCE.rawValue: try visitor.visit(Reduce.self)
    case HRM_RESIZE.rawValue: try visitor.visit(Resize.self)
    case HRM_DEPTH_TO_SPACE.rawValue: try visitor.visit(DepthToSpace.self)
    case HRM_SPACE_TO_DEPTH.rawValue: try visitor.visit(SpaceToDepth.self)
    case HRM_LAYER_NORM.rawValue: try visitor.visit(LayerNorm.self)
    case HRM_GROUP_NORM.rawValue: try visitor.visit(GroupNorm.self)
    case HRM_QUANTIZE.rawValue: try visitor.visit(Quantize.self)
    case HRM_DEQUANTIZE.rawValue: try visitor.visit(Dequantize.self)
    case HRM_REQUANTIZE.rawValue: try visitor.visit(Requantize.self)
    case HRM_WINOGRAD_CONV2D.rawValue: try visitor.visit(WinogradConvolution.self)
    default: throw Failure(HR_UNSUPPORTED_OPERATOR, "unknown operator code")
    }
  }

  static func name(_ code: UInt16) -> StaticString {
    (try? visit(code, NameVisitor())) ?? "unknown"
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    try visit(op.code, VerifyVisitor(op: op))
  }

  // The functions below are for verified operators, whose code is known.

  static func scratchBytes(_ op: OperatorView) -> Int {
    (try? visit(op.code, ScratchVisitor(op: op))) ?? 0
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    (try? visit(op.code, PartsVisitor(op: op, threads: threads))) ?? 1
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    try? visit(op.code, RunVisitor(op: op, memory: memory, part: part, parts: parts))
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? {
    (try? visit(op.code, InPlaceVisitor(op: op))) ?? nil
  }
}

protocol OperatorVisitor {
  associatedtype Result
  func visit<O: Operator>(_ type: O.Type) throws(Failure) -> Result
}

private struct NameVisitor: OperatorVisitor {
  func visit<O: Operator>(_ type: O.Type) -> StaticString { O.name }
}

private struct VerifyVisitor: OperatorVisitor {
  let op: OperatorView
  func visit<O: Operator>(_ type: O.Type) throws(Failure) { try O.verify(op) }
}

private struct ScratchVisitor: OperatorVisitor {
  let op: OperatorView
  func visit<O: Operator>(_ type: O.Type) -> Int { O.scratchBytes(op) }
}

private struct PartsVisitor: OperatorVisitor {
  let op: OperatorView
  let threads: Int
  func visit<O: Operator>(_ type: O.Type) -> Int { O.parts(op, threads: threads) }
}

private struct RunVisitor: OperatorVisitor {
  let op: OperatorView
  let memory: SessionMemory
  let part: Int
  let parts: Int
  func visit<O: Operator>(_ type: O.Type) { O.run(op, memory, part: part, of: parts) }
}

private struct InPlaceVisitor: OperatorVisitor {
  let op: OperatorView
  func visit<O: Operator>(_ type: O.Type) -> Int? { O.inPlaceInput(op) }
}
