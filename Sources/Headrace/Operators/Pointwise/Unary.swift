import CHeadrace

/// HRM_UNARY: a function of each element, float32.
enum Unary: Operator {
  static var name: StaticString { "unary" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    try op.requireSameShape()
    try op.require(op.output().pointee.isFloat, "type of an operand")
    let function = op.parameters(hrm_unary.self).function
    try op.require(function >= 1 && function < Int32(HRM_FUNCTION_COUNT), "unknown function")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let count = op.output().pointee.elementCount
    return worthwhileParts(cost: count, items: count, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let range = partition(op.output().pointee.elementCount, part: part, of: parts)
    var args = hr_unary_args()
    args.x = memory.read(op.input(0), as: Float.self) + range.lowerBound
    args.y = memory.write(op.output(), as: Float.self) + range.lowerBound
    args.count = range.count
    args.parameters = op.parameters(hrm_unary.self)
    memory.kernels.pointee.pointwise.unary_f32(&args)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
