import CHeadrace

/// HRM_REQUANTIZE: int8 or int16 to another scale, zero point or width.
enum Requantize: Operator {
  static var name: StaticString { "requantize" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireFixedPoint(op.input(0).pointee)
    try op.requireFixedPoint(op.output().pointee)
    try op.requireSameShape()
    let parameters = op.parameters(hrm_requantize.self)
    try op.requireScale(parameters.multiplier, parameters.shift)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Conversion.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    var args = Conversion.args(op, memory, part: part, of: parts)
    args.parameters = op.parameters(hrm_requantize.self)
    let kernels = memory.kernels.pointee.pointwise
    switch (op.input(0).pointee.isInt8, op.output().pointee.isInt8) {
    case (true, true): kernels.requantize_s8_s8(&args)
    case (true, false): kernels.requantize_s8_s16(&args)
    case (false, true): kernels.requantize_s16_s8(&args)
    case (false, false): kernels.requantize_s16_s16(&args)
    }
  }

  /// Only where the width stays.
  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
