import CHeadrace

/// HRM_LAYER_NORM over the last axes.
enum LayerNorm: Operator {
  static var name: StaticString { "layer_norm" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(3)
    try op.requireActivations()
    try op.requireSameShape()
    let axes = op.parameters(hrm_norm.self).axes
    try op.require(axes >= 1 && axes <= Int32(op.output().pointee.rank), "axes out of range")
    try verifyNorm(op, count: count(op))
  }

  /// What LAYER_NORM and GROUP_NORM have in common: epsilon, and gamma and beta of `count` elements.
  static func verifyNorm(_ op: OperatorView, count: Int) throws(Failure) {
    let parameters = op.parameters(hrm_norm.self)
    if op.output().pointee.isFloat {
      for position in 1...2 {
        let tensor = op.input(position).pointee
        try op.require(
          tensor.isFloat && tensor.elementCount == count, "type or size of gamma or beta")
      }
      try op.require(
        parameters.epsilon >= 0 && parameters.epsilon.isFinite, "epsilon out of range")
    } else {
      for position in 1...2 { _ = try op.requireTable(position, count: count) }
      try op.require(
        parameters.epsilon_high >= 0 && parameters.epsilon_high < 1 << 30, "epsilon out of range")
      try op.require(parameters.shift >= 8 && parameters.shift <= 62, "shift out of range")
    }
  }

  /// Elements that are normalised together.
  private static func count(_ op: OperatorView) -> Int {
    let y = op.output().pointee
    var product = 1
    for axis in (Int(y.rank) - Int(op.parameters(hrm_norm.self).axes))..<Int(y.rank) {
      product *= y[dim: axis]
    }
    return product
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let elements = op.output().pointee.elementCount
    return worthwhileParts(cost: elements, items: elements / count(op), threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let y = op.output().pointee
    let count = count(op)
    let range = partition(y.elementCount / count, part: part, of: parts)
    let offset = range.lowerBound * count * y.elementBytes
    var args = hr_norm_args()
    args.x = memory.read(op.input(0)) + offset
    args.gamma = memory.read(op.input(1))
    args.beta = memory.read(op.input(2))
    args.y = memory.write(op.output()) + offset
    args.rows = range.count
    args.count = count
    args.zero_x = op.input(0).pointee.zero_point
    args.zero_y = y.zero_point
    args.parameters = op.parameters(hrm_norm.self)
    let kernels = memory.kernels.pointee.pointwise
    choose(y, kernels.layer_norm_f32, kernels.layer_norm_s8, kernels.layer_norm_s16)!(&args)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
