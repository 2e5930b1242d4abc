import CHeadrace

/// All operators, found by their codes.
enum Operators: OperatorSet {
  static func visit<Visitor: OperatorVisitor>(
    _ code: UInt16, _ visitor: Visitor
  ) -> Visitor.Result? {
    switch UInt32(code) {
    case HRM_TRANSPOSED_CONV2D.rawValue: visitor.visit(TransposedConvolution.self)
    case HRM_MATMUL.rawValue: visitor.visit(MatrixProduct.self)
    case HRM_UNARY.rawValue: visitor.visit(Unary.self)
    case HRM_PRELU.rawValue: visitor.visit(PRelu.self)
    case HRM_SLICE.rawValue: visitor.visit(Slice.self)
    case HRM_PAD.rawValue: visitor.visit(Pad.self)
    case HRM_TRANSPOSE.rawValue: visitor.visit(Transpose.self)
    case HRM_RESIZE.rawValue: visitor.visit(Resize.self)
    case HRM_DEPTH_TO_SPACE.rawValue: visitor.visit(DepthToSpace.self)
    case HRM_SPACE_TO_DEPTH.rawValue: visitor.visit(SpaceToDepth.self)
    case HRM_LAYER_NORM.rawValue: visitor.visit(LayerNorm.self)
    case HRM_GROUP_NORM.rawValue: visitor.visit(GroupNorm.self)
    case HRM_QUANTIZE.rawValue: visitor.visit(Quantize.self)
    case HRM_DEQUANTIZE.rawValue: visitor.visit(Dequantize.self)
    case HRM_WINOGRAD_CONV2D.rawValue: visitor.visit(WinogradConvolution.self)
    default: ConvolutionOperators.visit(code, visitor)
    }
  }
}

/// What networks of convolutions are made of.
enum ConvolutionOperators: OperatorSet {
  static func visit<Visitor: OperatorVisitor>(
    _ code: UInt16, _ visitor: Visitor
  ) -> Visitor.Result? {
    switch UInt32(code) {
    case HRM_CONV2D.rawValue: visitor.visit(Convolution.self)
    case HRM_DEPTHWISE_CONV2D.rawValue: visitor.visit(DepthwiseConvolution.self)
    case HRM_DENSE.rawValue: visitor.visit(Dense.self)
    case HRM_POOL2D.rawValue: visitor.visit(Pool.self)
    case HRM_LOOKUP.rawValue: visitor.visit(Lookup.self)
    case HRM_BINARY.rawValue: visitor.visit(Binary.self)
    case HRM_SOFTMAX.rawValue: visitor.visit(Softmax.self)
    case HRM_CONCAT.rawValue: visitor.visit(Concat.self)
    case HRM_RESHAPE.rawValue: visitor.visit(Reshape.self)
    case HRM_REDUCE.rawValue: visitor.visit(Reduce.self)
    case HRM_REQUANTIZE.rawValue: visitor.visit(Requantize.self)
    default: nil
    }
  }
}

extension Operators {
  static func name(_ code: UInt16) -> StaticString { find(code)?.name ?? "unknown" }

  static func verify(_ op: OperatorView) throws(Failure) {
    guard let functions = find(op.code) else { throw .unknownOperator }
    try functions.verify(op)
  }

  // The functions below are for verified operators, whose code is known.

  static func scratchBytes(_ op: OperatorView) -> Int { find(op.code)?.scratchBytes(op) ?? 0 }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    find(op.code)?.parts(op, threads) ?? 1
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    find(op.code)?.run(op, memory, part, parts)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { find(op.code)?.inPlaceInput(op) ?? nil }

  private static func find(_ code: UInt16) -> OperatorFunctions? {
    visit(code, FunctionsVisitor())
  }
}
