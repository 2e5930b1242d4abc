import CHeadrace

/// HRM_LOOKUP: any function of each int8 or int16 element, as a table.
enum Lookup: Operator {
  static var name: StaticString { "lookup" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(2)
    try op.requireActivations()
    try op.requireSameShape()
    let y = op.output().pointee
    let table = op.input(1).pointee
    try op.require(!y.isFloat, "type of an operand")
    try op.require(
      table.isConstant && table.type == y.type && table.elementCount == (y.isInt8 ? 256 : 513),
      "type, storage or size of a table")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let count = op.output().pointee.elementCount
    return worthwhileParts(cost: count, items: count, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let y = op.output()
    let range = partition(y.pointee.elementCount, part: part, of: parts)
    let offset = range.lowerBound * y.pointee.elementBytes
    var args = hr_lookup_args()
    args.x = memory.read(op.input(0)) + offset
    args.table = memory.read(op.input(1))
    args.y = memory.write(y) + offset
    args.count = range.count
    if y.pointee.isInt8 {
      memory.kernels.pointee.pointwise.lookup_s8(&args)
    } else {
      memory.kernels.pointee.pointwise.lookup_s16(&args)
    }
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
