import CHeadrace

enum Unary: Operator {
  static var name: StaticString { "unary" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Lookup: Operator {
  static var name: StaticString { "lookup" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum PRelu: Operator {
  static var name: StaticString { "prelu" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Binary: Operator {
  static var name: StaticString { "binary" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Softmax: Operator {
  static var name: StaticString { "softmax" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Concat: Operator {
  static var name: StaticString { "concat" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Slice: Operator {
  static var name: StaticString { "slice" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Pad: Operator {
  static var name: StaticString { "pad" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Reshape: Operator {
  static var name: StaticString { "reshape" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Transpose: Operator {
  static var name: StaticString { "transpose" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Reduce: Operator {
  static var name: StaticString { "reduce" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Resize: Operator {
  static var name: StaticString { "resize" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum DepthToSpace: Operator {
  static var name: StaticString { "depth_to_space" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum SpaceToDepth: Operator {
  static var name: StaticString { "space_to_depth" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum LayerNorm: Operator {
  static var name: StaticString { "layer_norm" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum GroupNorm: Operator {
  static var name: StaticString { "group_norm" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Quantize: Operator {
  static var name: StaticString { "quantize" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Dequantize: Operator {
  static var name: StaticString { "dequantize" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}

enum Requantize: Operator {
  static var name: StaticString { "requantize" }
  static func verify(_ op: OperatorView) throws(Failure) { throw op.bad("not yet") }
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {}
}
