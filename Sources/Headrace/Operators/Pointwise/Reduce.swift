import CHeadrace

/// HRM_REDUCE: mean, sum, maximum or minimum over some axes.
enum Reduce: Operator {
  static var name: StaticString { "reduce" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    let x = op.input(0).pointee
    let y = op.output().pointee
    let parameters = op.parameters(hrm_reduce.self)
    try op.require(
      parameters.function >= 1 && parameters.function <= Int32(HRM_REDUCE_MIN.rawValue),
      "unknown function")
    try op.require(
      x.rank == y.rank && parameters.axes > 0 && parameters.axes < 1 << Int32(x.rank),
      "axes out of range")
    for axis in 0..<Int(x.rank) {
      let isReduced = parameters.axes >> Int32(axis) & 1 == 1
      try op.require(
        y[dim: axis] == (isReduced ? 1 : x[dim: axis]), "shape of the output")
    }
    if !y.isFloat && addsUp(parameters) {
      try op.requireScale(parameters.multiplier, parameters.shift, shifts: 16...62)
    }
  }

  private static func addsUp(_ parameters: hrm_reduce) -> Bool {
    parameters.function <= Int32(HRM_REDUCE_SUM.rawValue)
  }

  static func scratchBytes(_ op: OperatorView) -> Int { Int(HR_REDUCE_SCRATCH) }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    worthwhileParts(
      cost: op.input(0).pointee.elementCount, items: op.output().pointee.elementCount,
      threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let parameters = op.parameters(hrm_reduce.self)
    let plan = ReductionPlan(x, axes: parameters.axes)
    // Cut between rows of the output, or through them if there are fewer than parts.
    let cutsRows = plan.rows < parts
    let rows = cutsRows ? 0..<plan.rows : partition(plan.rows, part: part, of: parts)
    let columns = cutsRows ? partition(plan.inner, part: part, of: parts) : 0..<plan.inner

    var args = hr_reduce_args()
    args.scratch = memory.scratch
    args.count = columns.count
    args.extent = (plan.reduced[2].extent, plan.reduced[1].extent, plan.reduced[0].extent)
    args.stride = (plan.reduced[2].stride, plan.reduced[1].stride, plan.reduced[0].stride)
    args.zero_x = x.zero_point
    args.zero_y = y.zero_point
    args.parameters = parameters
    let kernels = memory.kernels.pointee.pointwise
    let kernel = choose(y, kernels.reduce_f32, kernels.reduce_s8, kernels.reduce_s16)!
    for row in rows {
      let from = plan.offset(row: row) + columns.lowerBound
      args.x = memory.read(op.input(0)) + from * x.elementBytes
      args.y = memory.write(op.output()) + (row * plan.inner + columns.lowerBound) * y.elementBytes
      kernel(&args)
    }
  }
}
