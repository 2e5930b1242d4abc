import CHeadrace

/// HRM_DEQUANTIZE: int8 or int16 to float32.
enum Dequantize: Operator {
  static var name: StaticString { "dequantize" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireFixedPoint(op.input(0).pointee)
    try op.require(op.output().pointee.isFloat, "type of an operand")
    try op.requireSameShape()
    try Conversion.requireScale(op, op.input(0).pointee)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Conversion.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    var args = Conversion.args(op, memory, part: part, of: parts)
    args.scale = op.input(0).pointee.scale
    if op.input(0).pointee.isInt8 {
      memory.kernels.pointee.pointwise.dequantize_s8(&args)
    } else {
      memory.kernels.pointee.pointwise.dequantize_s16(&args)
    }
  }
}
