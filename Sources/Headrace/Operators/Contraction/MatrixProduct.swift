import CHeadrace

/// Product of two activations' last two axes; leading axes broadcast, aligned at the last.
enum MatrixProduct: Operator {
  static var name: StaticString { "matmul" }

  /// The extents of one product.
  private struct Extents {
    let rows: Int
    let columns: Int
    let depth: Int

    @inline(never)
    init(_ op: OperatorView) {
      let isTransposed = op.parameters(hrm_matmul.self).transpose_a == 1
      rows = extent(op.output(), 2)
      columns = extent(op.output(), 1)
      depth = extent(op.input(0), isTransposed ? 2 : 1)
    }
  }

  /// Bounds the scratch memory: eight columns of four bytes.
  private static var greatestDepth: Int { 1 << 24 }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (a, y) = try SumChecks.activations(op, inputs: 2...2)
    let b = op.input(1).pointee
    let parameters = op.parameters(hrm_matmul.self)
    try op.require(a.type == b.type, "operands differ in type")
    try SumChecks.checkZeroPoint(op, b)
    try SumChecks.checkClamps(op, y, parameters.clamp_min, parameters.clamp_max)
    try op.require(
      (0...1).contains(parameters.transpose_a) && (0...1).contains(parameters.transpose_b),
      "a transposition is neither 0 nor 1")
    try op.require(
      a.rank >= 2 && b.rank >= 2 && y.rank == max(a.rank, b.rank),
      "ranks do not make a matrix product")
    let extents = Extents(op)
    try op.require(
      extent(op.input(0), parameters.transpose_a == 1 ? 1 : 2) == extents.rows
        && extent(op.input(1), parameters.transpose_b == 1 ? 2 : 1) == extents.columns
        && extent(op.input(1), parameters.transpose_b == 1 ? 1 : 2) == extents.depth,
      "extents do not make a matrix product")
    for fromLast in 3..<max(3, Int(y.rank) + 1) {
      let extentA = extent(op.input(0), fromLast)
      let extentB = extent(op.input(1), fromLast)
      try op.require(
        extent(op.output(), fromLast) == max(extentA, extentB)
          && (extentA == extentB || extentA == 1 || extentB == 1),
        "leading extents do not broadcast")
    }
    try op.require(extents.depth <= greatestDepth, "a matrix product is too deep")
    if !a.isFloat {
      try op.require(
        SumChecks.isRequantization(parameters.multiplier, parameters.shift, a),
        "a multiplier or shift is out of range")
      // 255 * 255 * depth < 2^31; 2^15 * 2^15 * depth < 2^47.
      try op.require(extents.depth <= (a.isInt8 ? 33025 : 131071), "a sum could overflow")
    }
  }

  /// The extent of the axis that is `fromLast` axes from the end, 1 if there is none.
  @inline(never)
  private static func extent(_ tensor: UnsafePointer<hrm_tensor>, _ fromLast: Int) -> Int {
    let axis = Int(tensor.pointee.rank) - fromLast
    return axis >= 0 ? tensor.pointee[dim: axis] : 1
  }

  static func scratchBytes(_ op: OperatorView) -> Int { Extents(op).depth * 32 }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let extents = Extents(op)
    let rows = op.output().pointee.elementCount / extents.columns
    let split = WorkSplit(
      rows: rows, width: extents.columns, blocks: 1, depth: max(1, extents.depth / 8),
      segmentWidth: 64)
    return min(rows, split.parts(threads: threads))
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let a = op.input(0)
    let b = op.input(1)
    let y = op.output()
    let parameters = op.parameters(hrm_matmul.self)
    let extents = Extents(op)
    let elementBytes = a.pointee.elementBytes
    let table = memory.kernels.pointee.contraction
    let kernel: hr_multiply_matrices =
      a.pointee.isFloat
      ? table.multiply_f32 : a.pointee.isInt8 ? table.multiply_i8 : table.multiply_i16

    var work = hr_matrix_product()
    work.a_row_step = parameters.transpose_a == 1 ? 1 : extents.depth
    work.a_step = parameters.transpose_a == 1 ? extents.rows : 1
    work.b_column_step = parameters.transpose_b == 1 ? extents.depth : 1
    work.b_step = parameters.transpose_b == 1 ? 1 : extents.columns
    work.columns = UInt32(extents.columns)
    work.depth = UInt32(extents.depth)
    work.a_zero = a.pointee.zero_point
    work.b_zero = b.pointee.zero_point
    work.y_zero = y.pointee.zero_point
    work.multiplier = parameters.multiplier
    work.shift = parameters.shift
    work.clamp_min = parameters.clamp_min
    work.clamp_max = parameters.clamp_max
    work.panel = memory.scratch
    work.contract = a.pointee.isFloat ? table.contract_f32 : table.contract_i8

    let allRows = y.pointee.elementCount / extents.columns
    var remaining = partition(allRows, part: part, of: parts)
    while !remaining.isEmpty {
      let matrix = remaining.lowerBound / extents.rows
      let firstRow = matrix &* extents.rows
      let end = min(remaining.upperBound, firstRow &+ extents.rows)
      let aMatrix = source(of: matrix, y, a)
      let bMatrix = source(of: matrix, y, b)
      work.a = memory.read(a) + aMatrix &* extents.rows &* extents.depth &* elementBytes
      work.b = memory.read(b) + bMatrix &* extents.depth &* extents.columns &* elementBytes
      work.y = memory.write(y) + firstRow &* extents.columns &* elementBytes
      work.first_row = UInt32(remaining.lowerBound &- firstRow)
      work.end_row = UInt32(end &- firstRow)
      kernel(&work)
      remaining = end..<remaining.upperBound
    }
  }

  /// Which matrix of `operand` goes into matrix `matrix` of `y`.
  @inline(never)
  private static func source(
    of matrix: Int, _ y: UnsafePointer<hrm_tensor>, _ operand: UnsafePointer<hrm_tensor>
  ) -> Int {
    var rest = matrix
    var index = 0
    var step = 1
    for fromLast in 3..<max(3, Int(y.pointee.rank) + 1) {
      let whole = extent(y, fromLast)
      let own = extent(operand, fromLast)
      if own != 1 { index &+= rest % whole &* step }
      step &*= own
      rest /= whole
    }
    return index
  }
}
