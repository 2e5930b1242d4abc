import CHeadrace

/// HRM_GROUP_NORM: each image's groups of channels, over height and width.
enum GroupNorm: Operator {
  static var name: StaticString { "group_norm" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(3)
    try op.requireActivations()
    try op.requireSameShape()
    let y = op.output().pointee
    try op.require(y.rank == 4, "rank of an operand")
    let groups = Int(op.parameters(hrm_norm.self).groups)
    try op.require(groups >= 1 && y.channels % groups == 0, "groups do not divide the channels")
    try op.require(
      y.channels <= Int(Int32.max) / Int(HR_GROUP_NORM_SCRATCH), "too many channels")
    try LayerNorm.verifyNorm(op, count: y.channels)
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    op.output().pointee.channels * Int(HR_GROUP_NORM_SCRATCH)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    let groups = y.batch * Int(op.parameters(hrm_norm.self).groups)
    return worthwhileParts(cost: y.elementCount, items: groups, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let y = op.output().pointee
    let groups = Int(op.parameters(hrm_norm.self).groups)
    let range = partition(y.batch * groups, part: part, of: parts)
    var args = hr_norm_args()
    args.scratch = memory.scratch
    args.rows = y.height * y.width
    args.channels = y.channels
    args.group = y.channels / groups
    args.zero_x = op.input(0).pointee.zero_point
    args.zero_y = y.zero_point
    args.parameters = op.parameters(hrm_norm.self)
    let kernels = memory.kernels.pointee.pointwise
    let kernel = choose(y, kernels.group_norm_f32, kernels.group_norm_s8, kernels.group_norm_s16)!

    var next = range.lowerBound
    while next < range.upperBound {
      let image = next / groups
      let first = next % groups * args.group
      let count = min(groups - next % groups, range.upperBound - next)
      let offset = (image * args.rows * y.channels + first) * y.elementBytes
      args.x = memory.read(op.input(0)) + offset
      args.y = memory.write(op.output()) + offset
      // gamma and beta: float32 or int32.
      args.gamma = memory.read(op.input(1)) + first * 4
      args.beta = memory.read(op.input(2)) + first * 4
      args.count = count * args.group
      kernel(&args)
      next += count
    }
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
