import CHeadrace

/// HRM_BINARY: arithmetic of two tensors, with broadcasting.
enum Binary: Operator {
  static var name: StaticString { "binary" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(2)
    try op.requireActivations()
    try op.requireActivation(op.input(1).pointee)
    let a = op.input(0).pointee
    let b = op.input(1).pointee
    let y = op.output().pointee
    try op.require(b.type == y.type, "operands differ in type")
    try op.require(a.rank == y.rank && b.rank == y.rank, "operands differ in rank")
    for axis in 0..<Int(y.rank) {
      let extents = (a[dim: axis], b[dim: axis])
      try op.require(
        (extents.0 == extents.1 || extents.0 == 1 || extents.1 == 1)
          && y[dim: axis] == max(extents.0, extents.1), "shapes do not broadcast to the output's")
    }
    let parameters = op.parameters(hrm_binary.self)
    let last = y.isFloat ? HRM_SQUARED_DIFFERENCE : HRM_MAX
    try op.require(
      parameters.function >= 1 && parameters.function <= Int32(last.rawValue), "unknown function")
    if !y.isFloat { try verifyScales(op, parameters, isInt8: y.isInt8) }
  }

  private static func verifyScales(
    _ op: OperatorView, _ parameters: hrm_binary, isInt8: Bool
  ) throws(Failure) {
    let function = UInt32(bitPattern: parameters.function)
    let isSum = function == HRM_ADD.rawValue || function == HRM_SUB.rawValue
    let isChoice = function == HRM_MIN.rawValue || function == HRM_MAX.rawValue
    if isSum || isChoice {
      try op.requireScale(parameters.multiplier_a, parameters.shift_a)
      try op.requireScale(parameters.multiplier_b, parameters.shift_b)
    }
    if !isChoice { try op.requireScale(parameters.multiplier, parameters.shift) }
    try op.require(
      parameters.left_shift >= 0 && parameters.left_shift <= (isInt8 ? 20 : 15),
      "left shift out of range")
    let limits: ClosedRange<Int32> = isInt8 ? -128...127 : -32768...32767
    try op.require(
      limits.contains(parameters.clamp_min) && limits.contains(parameters.clamp_max)
        && parameters.clamp_min <= parameters.clamp_max, "clamp out of range")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let count = op.output().pointee.elementCount
    return worthwhileParts(cost: count, items: count, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let a = op.input(0).pointee
    let b = op.input(1).pointee
    let y = op.output().pointee
    let plan = BroadcastPlan(a, b, y)
    let inner = plan.axes[0]
    let outer = plan.axes[1]
    // Cut between rows, or through them if there are fewer than parts.
    let cutsRows = plan.rows < parts
    let rows = cutsRows ? 0..<plan.rows : partition(plan.rows, part: part, of: parts)
    let columns = cutsRows ? partition(inner.extent, part: part, of: parts) : 0..<inner.extent

    var args = hr_binary_args()
    args.count = columns.count
    args.a_step = inner.strideA
    args.b_step = inner.strideB
    args.a_row = outer.strideA
    args.b_row = outer.strideB
    args.zero_a = a.zero_point
    args.zero_b = b.zero_point
    args.zero_y = y.zero_point
    args.parameters = op.parameters(hrm_binary.self)
    let kernels = memory.kernels.pointee.pointwise
    let kernel = choose(y, kernels.binary_f32, kernels.binary_s8, kernels.binary_s16)!
    let size = y.elementBytes

    var row = rows.lowerBound
    while row < rows.upperBound {
      let start = plan.offsets(row: row)
      // The kernel takes rows of y that follow each other; cut rows do not.
      args.rows = cutsRows ? 1 : min(rows.upperBound - row, outer.extent - row % outer.extent)
      args.a = memory.read(op.input(0)) + (start.a + columns.lowerBound * inner.strideA) * size
      args.b = memory.read(op.input(1)) + (start.b + columns.lowerBound * inner.strideB) * size
      args.y = memory.write(op.output()) + (row * inner.extent + columns.lowerBound) * size
      kernel(&args)
      row += args.rows
    }
  }

  /// An operand of the output's shape. The other one may spread over it: it lies elsewhere.
  static func inPlaceInput(_ op: OperatorView) -> Int? {
    let y = op.output().pointee
    for position in 0..<2 {
      let operand = op.input(position).pointee
      if !operand.isConstant && operand.hasSameShape(as: y) { return position }
    }
    return nil
  }
}
