/// Operators that exporters use to compute shapes. Their operands must be constants or shapes, and so
/// they leave no node.
extension Importer {
  mutating func importConstant(_ node: OnnxNode) throws {
    let value: ValueID
    if let tensor = try node.tensor("value") {
      let decoded = try decoder.decode(tensor, at: "node \(node.name)")
      value = addConstant(
        decoded.constant, shape: decoded.shape, name: node.name, type: decoded.type)
    } else if node.has("value_float") {
      value = try floats([node.float("value_float", default: 0)], shape: [], node)
    } else if let list = try node.floats("value_floats") {
      value = try floats(list, shape: [list.count], node)
    } else if node.has("value_int") {
      value = try ints([node.int("value_int")], shape: [], node)
    } else if let list = try node.ints("value_ints") {
      value = try ints(list, shape: [list.count], node)
    } else {
      throw node.error("its value is neither a dense tensor nor numbers")
    }
    try bind(value, node)
  }

  private mutating func ints(_ values: [Int], shape: [Int], _ node: OnnxNode) throws -> ValueID {
    try fold(.int64(values.map { Int64($0) }), shape: shape, type: .int64, node)
  }

  mutating func importConstantOfShape(_ node: OnnxNode) throws {
    let extents = try constantInts(input(node, 0), "shape", node)
    try reserve(extents, node)
    let count = extents.reduce(1, *)
    var type = Onnx_TensorProto.DataType.float
    var constant = Constant.float(Array(repeating: 0, count: count))
    if let tensor = try node.tensor("value") {
      let decoded = try decoder.decode(tensor, at: "node \(node.name)")
      guard decoded.shape.reduce(1, *) == 1 else { throw node.error("its value is not one number") }
      constant = decoded.constant.strided(
        offset: 0, strides: extents.map { _ in 0 }, shape: extents)
      type = decoded.type
    }
    try bind(addConstant(constant, shape: extents, name: node.name, type: type), node)
  }

  mutating func importShape(_ node: OnnxNode) throws {
    let extents = try shape(input(node, 0))
    func place(_ position: Int) -> Int {
      min(
        max(position < 0 ? max(position, -extents.count) + extents.count : position, 0),
        extents.count)
    }
    let start = try place(node.int("start"))
    let end = try place(node.int("end", default: extents.count))
    let part = start < end ? Array(extents[start..<end]) : []
    try bind(ints(part, shape: [part.count], node), node)
  }

  mutating func importSize(_ node: OnnxNode) throws {
    try bind(ints([shape(input(node, 0)).reduce(1, *)], shape: [], node), node)
  }

  mutating func importRange(_ node: OnnxNode) throws {
    let operands = try (0..<3).map { try input(node, $0) }
    if case .float? = graph.values[operands[0]].constant {
      let bounds = try operands.map { try constantFloat($0, "bound", node) }
      let count = max(((bounds[1] - bounds[0]) / bounds[2]).rounded(.up), 0)
      guard count <= Float(Limits.foldedElements) else { throw node.error("its range is too long") }
      let values = (0..<Int(count)).map { bounds[0] + Float($0) * bounds[2] }
      return try bind(floats(values, shape: [values.count], node), node)
    }
    let bounds = try operands.map { operand in
      let elements = try constantInts(operand, "bound", node)
      guard elements.count == 1, elements[0].magnitude <= 1 << 40 else {
        throw node.error("a bound is not one number of reasonable size")
      }
      return elements[0]
    }
    guard bounds[2] != 0 else { throw node.error("its step is 0") }
    let span = bounds[1] - bounds[0]
    let sign = bounds[2].signum()
    let count = span.signum() == sign ? (span + bounds[2] - sign) / bounds[2] : 0
    guard count <= Limits.foldedElements else { throw node.error("its range is too long") }
    try bind(ints((0..<count).map { bounds[0] + $0 * bounds[2] }, shape: [count], node), node)
  }

  /// Between floating-point types: nothing. Constants are converted.
  mutating func importCast(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let target = Onnx_TensorProto.DataType(rawValue: try node.int("to")) ?? .undefined
    let toFloat = [.float, .float16, .bfloat16, .double].contains(target)
    let toInteger = [.int64, .int32, .bool].contains(target)
    guard toFloat || toInteger else {
      throw node.error("a cast to \(target) is not supported; quantize with QuantizeLinear")
    }
    switch graph.values[x].constant {
    case nil:
      guard toFloat, types[x] == .float else {
        throw node.error("activations can only be cast between floating-point types")
      }
      try bind(x, node)
    case .float(let elements)? where toFloat:
      try bind(floats(elements, shape: shape(x), node), node)
    case .float(let elements)?:
      let converted = try elements.map { element -> Int64 in
        if target == .bool { return element == 0 ? 0 : 1 }
        guard let integer = Int64(exactly: element.rounded(.towardZero)) else {
          throw node.error("\(element) is no integer")
        }
        return integer
      }
      try bind(fold(.int64(converted), shape: shape(x), type: target, node), node)
    case .int64(let elements)?:
      try bind(castIntegers(elements, x, target, toFloat, node), node)
    case .quantized(let elements)?:
      guard graph.values[x].quantization == nil else {
        throw node.error("quantized constants cannot be cast; dequantize them")
      }
      try bind(castIntegers(elements.map(Int64.init), x, target, toFloat, node), node)
    }
  }

  private mutating func castIntegers(
    _ elements: [Int64], _ x: ValueID, _ target: Onnx_TensorProto.DataType, _ toFloat: Bool,
    _ node: OnnxNode
  ) throws -> ValueID {
    if toFloat { return try floats(elements.map { Float($0) }, shape: shape(x), node) }
    let converted =
      switch target {
      case .bool: elements.map { $0 == 0 ? Int64(0) : 1 }
      case .int32: elements.map { Int64(Int32(truncatingIfNeeded: $0)) }
      default: elements
      }
    return try fold(.int64(converted), shape: shape(x), type: target, node)
  }

  mutating func importComparison(
    _ node: OnnxNode, _ holds: (Double, Double) -> Bool
  ) throws {
    let (a, b) = try (input(node, 0), input(node, 1))
    let extents = try broadcast(shape(a), shape(b), node)
    try reserve(extents, node)
    let left = try numbers(a, extents, node)
    let right = try numbers(b, extents, node)
    let result = zip(left, right).map { holds($0, $1) ? Int64(1) : 0 }
    try bind(
      addConstant(.int64(result), shape: extents, name: node.name, type: .bool), node)
  }

  /// A constant of any type as numbers, broadcast.
  private func numbers(_ value: ValueID, _ extents: [Int], _ node: OnnxNode) throws -> [Double] {
    let strides = ConstantEvaluation.broadcastStrides(shape(value), to: extents)
    switch graph.values[value].constant?.strided(offset: 0, strides: strides, shape: extents) {
    case .int64(let elements)?: return elements.map { Double($0) }
    case .float(let elements)?: return elements.map { Double($0) }
    default: throw node.error("it is supported between constants and shapes only")
    }
  }

  mutating func importNot(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let result = try constantInts(x, "operand", node).map { $0 == 0 ? Int64(1) : 0 }
    try bind(fold(.int64(result), shape: shape(x), type: .bool, node), node)
  }

  mutating func importWhere(_ node: OnnxNode) throws {
    let condition = try input(node, 0)
    let (a, b) = try (input(node, 1), input(node, 2))
    let choices = try constantInts(condition, "condition", node)
    // One answer for all: the operand itself.
    if let first = choices.first, choices.allSatisfy({ ($0 == 0) == (first == 0) }) {
      let chosen = first != 0 ? a : b
      let extents = try broadcast(
        broadcast(shape(a), shape(b), node), shape(condition), node)
      if shape(chosen) == extents { return try bind(chosen, node) }
    }
    let extents = try broadcast(broadcast(shape(a), shape(b), node), shape(condition), node)
    try reserve(extents, node)
    func spread(_ value: ValueID) -> Constant? {
      graph.values[value].constant?.strided(
        offset: 0, strides: ConstantEvaluation.broadcastStrides(shape(value), to: extents),
        shape: extents)
    }
    let result: Constant
    switch (spread(condition), spread(a), spread(b)) {
    case (.int64(let c)?, .int64(let p)?, .int64(let q)?):
      result = .int64(c.indices.map { c[$0] != 0 ? p[$0] : q[$0] })
    case (.int64(let c)?, .float(let p)?, .float(let q)?):
      result = .float(c.indices.map { c[$0] != 0 ? p[$0] : q[$0] })
    default: throw node.error("it is supported between constants and shapes only")
    }
    try bind(
      addConstant(result, shape: extents, name: node.name, type: types[a] ?? .float), node)
  }

  /// ReduceProd of a constant over all its elements.
  mutating func importProduct(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let elements = try constantInts(x, "operand", node)
    guard shape(x).count <= 1 else { throw node.error("it is supported for vectors only") }
    let product = try elements.reduce(1) { product, element in
      let (next, overflow) = product.multipliedReportingOverflow(by: element)
      guard !overflow else { throw node.error("its product overflows") }
      return next
    }
    let keeps = try node.flag("keepdims", default: true)
    try bind(ints([product], shape: keeps ? shape(x).map { _ in 1 } : [], node), node)
  }
}
