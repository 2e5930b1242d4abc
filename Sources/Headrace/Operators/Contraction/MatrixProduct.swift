import CHeadrace

/// Product of two activations' last two axes; leading axes broadcast, aligned at the last.
enum MatrixProduct: Operator {
  static var name: StaticString { "matmul" }

  /// The extents of one product.
  private struct Extents {
    let rows: Int
    let columns: Int
    let depth: Int

    init(_ a: hrm_tensor, _ y: hrm_tensor, _ parameters: hrm_matmul) {
      rows = y[dim: Int(y.rank) - 2]
      columns = y[dim: Int(y.rank) - 1]
      depth = a[dim: Int(a.rank) - (parameters.transpose_a == 1 ? 2 : 1)]
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
    let extents = Extents(a, y, parameters)
    let aRows = a[dim: Int(a.rank) - (parameters.transpose_a == 1 ? 1 : 2)]
    let bColumns = b[dim: Int(b.rank) - (parameters.transpose_b == 1 ? 2 : 1)]
    let bDepth = b[dim: Int(b.rank) - (parameters.transpose_b == 1 ? 1 : 2)]
    try op.require(
      aRows == extents.rows && bColumns == extents.columns && bDepth == extents.depth,
      "extents do not make a matrix product")
    for fromLast in 3..<max(3, Int(y.rank) + 1) {
      let extentA = leading(a, fromLast)
      let extentB = leading(b, fromLast)
      try op.require(
        leading(y, fromLast) == max(extentA, extentB)
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
  private static func leading(_ tensor: hrm_tensor, _ fromLast: Int) -> Int {
    Int(tensor.rank) >= fromLast ? tensor[dim: Int(tensor.rank) - fromLast] : 1
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    Extents(op.input(0).pointee, op.output().pointee, op.parameters(hrm_matmul.self)).depth * 32
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    let extents = Extents(op.input(0).pointee, y, op.parameters(hrm_matmul.self))
    let rows = y.elementCount / extents.columns
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
    let extents = Extents(a.pointee, y.pointee, parameters)
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

    let allRows = y.pointee.elementCount / extents.columns
    var remaining = partition(allRows, part: part, of: parts)
    while !remaining.isEmpty {
      let matrix = remaining.lowerBound / extents.rows
      let firstRow = matrix &* extents.rows
      let end = min(remaining.upperBound, firstRow &+ extents.rows)
      let aMatrix = source(of: matrix, y.pointee, a.pointee)
      let bMatrix = source(of: matrix, y.pointee, b.pointee)
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
  private static func source(of matrix: Int, _ y: hrm_tensor, _ operand: hrm_tensor) -> Int {
    var rest = matrix
    var index = 0
    var step = 1
    for fromLast in 3..<max(3, Int(y.rank) + 1) {
      let extent = leading(y, fromLast)
      let own = leading(operand, fromLast)
      if own != 1 { index &+= rest % extent &* step }
      step &*= own
      rest /= extent
    }
    return index
  }
}
