/// Gemm and MatMul. A constant right operand makes a dense layer, whose weights are [N, K].
extension Importer {
  mutating func importGemm(_ node: OnnxNode) throws {
    var a = try input(node, 0)
    let b = try input(node, 1)
    let c = try optionalInput(node, 2)
    let alpha = try node.float("alpha", default: 1)
    let beta = try node.float("beta", default: 1)
    let transposeB = try node.flag("transB")
    guard shape(a).count == 2, shape(b).count == 2 else {
      throw node.error("operands of shapes \(shape(a)) and \(shape(b)) are not matrices")
    }
    if try node.flag("transA") { a = try transpose(a, [1, 0], node) }
    let (rows, depth) = (shape(a)[0], shape(a)[1])
    let columns = shape(b)[transposeB ? 0 : 1]
    guard shape(b)[transposeB ? 1 : 0] == depth else {
      throw node.error("matrices of shapes \(shape(a)) and \(shape(b)) do not fit")
    }
    var result: ValueID
    var pending = c
    if isConstant(b) {
      var weights = transposeB ? b : try transpose(b, [1, 0], node)
      if alpha != 1 { weights = try scaled(weights, by: alpha, node) }
      var bias: ValueID?
      if let c, isConstant(c), shape(c).last ?? 1 == columns || shape(c).reduce(1, *) == 1,
        shape(c).dropLast().allSatisfy({ $0 == 1 })
      {
        bias = try rowBias(c, columns: columns, beta: beta, node)
        pending = nil
      }
      result = try emit(.dense(clamp: nil), [a, weights, bias], shape: [rows, columns], node)
    } else {
      result = try emit(
        .matrixProduct(transposeA: false, transposeB: transposeB, clamp: nil), [a, b],
        shape: [rows, columns], node)
      if alpha != 1 { result = try multiply(result, by: alpha, node) }
    }
    if var addend = pending {
      if beta != 1 { addend = try multiply(addend, by: beta, node) }
      result = try arithmetic(.add, result, addend, node)
      guard shape(result) == [rows, columns] else {
        throw node.error("an addend of shape \(shape(addend)) does not fit \(rows) x \(columns)")
      }
    }
    try bind(result, node)
  }

  private mutating func rowBias(
    _ c: ValueID, columns: Int, beta: Float, _ node: OnnxNode
  ) throws -> ValueID {
    if shape(c) == [columns], beta == 1 { return c }
    if beta == 1, shape(c).reduce(1, *) == columns {
      return try reshape(c, to: [columns], node)
    }
    let values = try constantFloats(c, "addend C", node).map { $0 * beta }
    let row = values.count == columns ? values : Array(repeating: values[0], count: columns)
    return try floats(row, shape: [columns], node)
  }

  /// A constant times a number, still quantized if it was.
  private mutating func scaled(
    _ x: ValueID, by factor: Float, _ node: OnnxNode
  ) throws -> ValueID {
    let value = graph.values[x]
    if case .quantized(let elements)? = value.constant, var quantization = value.quantization,
      factor > 0
    {
      let copy = try fold(.quantized(elements), shape: value.shape, type: .float, node)
      quantization.scales = quantization.scales.map { $0 * factor }
      graph.values[copy].quantization = quantization
      types[copy] = .float
      return copy
    }
    let values = try constantFloats(x, "weights", node).map { $0 * factor }
    return try floats(values, shape: value.shape, node)
  }

  mutating func multiply(_ x: ValueID, by factor: Float, _ node: OnnxNode) throws -> ValueID {
    try emit(.unary(.affine(scale: factor, offset: 0)), [x], shape: shape(x), node)
  }

  mutating func importMatMul(_ node: OnnxNode) throws {
    var a = try input(node, 0)
    var b = try input(node, 1)
    let (shapeA, shapeB) = (shape(a), shape(b))
    guard !shapeA.isEmpty, !shapeB.isEmpty else { throw node.error("its operands are scalars") }
    // Vectors are matrices of one row or column, which the result lacks.
    if shapeA.count == 1 { a = try reshape(a, to: [1, shapeA[0]], node) }
    if shapeB.count == 1 { b = try reshape(b, to: [shapeB[0], 1], node) }
    let depth = shape(b)[shape(b).count - 2]
    guard shape(a).last == depth else {
      throw node.error("matrices of shapes \(shapeA) and \(shapeB) do not fit")
    }
    let columns = shape(b)[shape(b).count - 1]
    var result: ValueID
    if isConstant(b), shape(b).count == 2, !isConstant(a) {
      let weights = try transpose(b, [1, 0], node)
      result = try emit(
        .dense(clamp: nil), [a, weights, nil], shape: shape(a).dropLast() + [columns], node)
    } else {
      let rank = max(shape(a).count, shape(b).count)
      a = try raise(a, to: rank, node)
      b = try raise(b, to: rank, node)
      let leading = try broadcast(
        Array(shape(a).dropLast(2)), Array(shape(b).dropLast(2)), node)
      result = try emit(
        .matrixProduct(transposeA: false, transposeB: false, clamp: nil), [a, b],
        shape: leading + [shape(a)[rank - 2], columns], node)
    }
    if shapeA.count == 1 || shapeB.count == 1 {
      var extents = shape(result)
      if shapeA.count == 1 { extents.remove(at: extents.count - 2) }
      if shapeB.count == 1 { extents.removeLast() }
      result = try reshape(result, to: extents, node)
    }
    try bind(result, node)
  }
}
