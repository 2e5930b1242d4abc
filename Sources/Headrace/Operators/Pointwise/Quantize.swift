import CHeadrace

/// HRM_QUANTIZE: float32 to int8 or int16.
enum Quantize: Operator {
  static var name: StaticString { "quantize" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.require(op.input(0).pointee.isFloat, "type of an operand")
    try op.requireFixedPoint(op.output().pointee)
    try op.requireSameShape()
    try Conversion.requireScale(op, op.output().pointee)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Conversion.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    var args = Conversion.args(op, memory, part: part, of: parts)
    args.scale = op.output().pointee.scale
    if op.output().pointee.isInt8 {
      memory.kernels.pointee.pointwise.quantize_s8(&args)
    } else {
      memory.kernels.pointee.pointwise.quantize_s16(&args)
    }
  }
}
