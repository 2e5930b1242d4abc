import CHeadrace

/// HRM_PRELU: a slope per channel below zero.
enum PRelu: Operator {
  static var name: StaticString { "prelu" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(2)
    try op.requireActivations()
    try op.requireSameShape()
    let channels = op.output().pointee.innerExtent
    if op.output().pointee.isFloat {
      let slope = op.input(1).pointee
      try op.require(slope.isFloat && slope.elementCount == channels, "type or size of the slope")
    } else {
      let parameters = op.parameters(hrm_prelu.self)
      try op.requireScale(parameters.multiplier, parameters.shift)
      try op.require(channels <= Int(Int32.max) / 8, "too many channels")
      let slope = try op.requireTable(1, count: 2 * channels)
      for channel in 0..<channels {
        try op.require(slope[channel] > Int32.min, "multiplier or shift out of range")
        try op.requireScale(0, slope[channels + channel])
      }
    }
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    return worthwhileParts(
      cost: y.elementCount, items: y.elementCount / y.innerExtent, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let range = partition(y.elementCount / y.innerExtent, part: part, of: parts)
    let offset = range.lowerBound * y.innerExtent * y.elementBytes
    var args = hr_prelu_args()
    args.x = memory.read(op.input(0)) + offset
    args.slope = memory.read(op.input(1))
    args.y = memory.write(op.output()) + offset
    args.rows = range.count
    args.channels = y.innerExtent
    args.zero_x = x.zero_point
    args.zero_y = y.zero_point
    args.parameters = op.parameters(hrm_prelu.self)
    let kernels = memory.kernels.pointee.pointwise
    choose(y, kernels.prelu_f32, kernels.prelu_s8, kernels.prelu_s16)!(&args)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}

extension hrm_tensor {
  /// The extent of the last axis.
  var innerExtent: Int { self[dim: Int(rank) - 1] }
}
