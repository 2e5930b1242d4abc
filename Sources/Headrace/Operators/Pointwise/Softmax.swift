import CHeadrace

/// HRM_SOFTMAX over the last axis.
enum Softmax: Operator {
  static var name: StaticString { "softmax" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(op.output().pointee.isFloat ? 1 : 2)
    try op.requireActivations()
    try op.requireSameShape()
    let y = op.output().pointee
    if y.isFloat { return }
    if y.isInt16 {
      let parameters = op.parameters(hrm_softmax.self)
      try op.requireScale(parameters.multiplier, parameters.shift)
    }
    let count = y.isInt8 ? 256 : 1024
    let table = try op.requireTable(1, count: count)
    // The first entry makes every sum of exponentials positive.
    var isBounded = table[0] == 1 << 23 && (y.isInt8 || table[512] == 1 << 23)
    for index in 0..<count where table[index] < 0 || table[index] > 1 << 23 { isBounded = false }
    try op.require(isBounded, "table of exponentials out of range")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    return worthwhileParts(
      cost: y.elementCount, items: y.elementCount / y.innerExtent, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let y = op.output().pointee
    let range = partition(y.elementCount / y.innerExtent, part: part, of: parts)
    let offset = range.lowerBound * y.innerExtent * y.elementBytes
    var args = hr_softmax_args()
    args.x = memory.read(op.input(0)) + offset
    if !y.isFloat { args.table = memory.read(op.input(1), as: Int32.self) }
    args.y = memory.write(op.output()) + offset
    args.rows = range.count
    args.count = y.innerExtent
    args.parameters = op.parameters(hrm_softmax.self)
    let kernels = memory.kernels.pointee.pointwise
    choose(y, kernels.softmax_f32, kernels.softmax_s8, kernels.softmax_s16)!(&args)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
