import CHeadrace

enum Convolution: Operator {
  static var name: StaticString { "conv2d" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum DepthwiseConvolution: Operator {
  static var name: StaticString { "depthwise_conv2d" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum TransposedConvolution: Operator {
  static var name: StaticString { "transposed_conv2d" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Dense: Operator {
  static var name: StaticString { "dense" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum MatrixProduct: Operator {
  static var name: StaticString { "matmul" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Pool: Operator {
  static var name: StaticString { "pool2d" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}
