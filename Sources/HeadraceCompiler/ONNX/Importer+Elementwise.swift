/// Functions of one number, and arithmetic with broadcasting.
extension Importer {
  mutating func importUnary(_ function: Unary, _ node: OnnxNode) throws {
    let x = try input(node, 0)
    try bind(emit(.unary(function), [x], shape: shape(x), node), node)
  }

  /// x * sigmoid(alpha * x)
  mutating func importSwish(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let alpha = try node.float("alpha", default: 1)
    if alpha == 1 {
      return try bind(emit(.unary(.swish), [x], shape: shape(x), node), node)
    }
    let inner = try multiply(x, by: alpha, node)
    let gate = try emit(.unary(.sigmoid), [inner], shape: shape(x), node)
    try bind(arithmetic(.mul, x, gate, node), node)
  }

  mutating func importClip(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    var clamp = Clamp(min: -.infinity, max: .infinity)
    if let low = try optionalInput(node, 1) { clamp.min = try constantFloat(low, "minimum", node) }
    if let high = try optionalInput(node, 2) {
      clamp.max = try constantFloat(high, "maximum", node)
    }
    if node.has("min") { clamp.min = try node.float("min", default: -.infinity) }
    if node.has("max") { clamp.max = try node.float("max", default: .infinity) }
    guard !clamp.min.isNaN, !clamp.max.isNaN else { throw node.error("a bound is not a number") }
    // ONNX: where the minimum is above the maximum, all elements become the maximum.
    clamp.min = min(clamp.min, clamp.max)
    try bind(emit(.unary(.clamp(clamp)), [x], shape: shape(x), node), node)
  }

  mutating func importPRelu(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let slope = try input(node, 1)
    let shape = shape(x)
    let slopes = try constantFloats(slope, "slope", node)
    if slopes.count == 1 {
      return try bind(
        emit(.unary(.leakyRelu(slope: slopes[0])), [x], shape: shape, node), node)
    }
    var extents = self.shape(slope)
    while extents.first == 1 { extents.removeFirst() }
    let trailing = extents.dropFirst()
    guard shape.count >= 2, slopes.count == shape[1], extents.count == shape.count - 1,
      trailing.allSatisfy({ $0 == 1 })
    else {
      // Any other slope: max(x, 0) + slope * min(x, 0).
      let zero = try floats([0], shape: Array(repeating: 1, count: max(shape.count, 1)), node)
      let positive = try arithmetic(.max, x, zero, node)
      let negative = try arithmetic(
        .mul, arithmetic(.min, x, zero, node), slope, node)
      return try bind(arithmetic(.add, positive, negative, node), node)
    }
    let channels = try reshape(slope, to: [shape[1]], node)
    try bind(emit(.prelu, [x, channels], shape: shape, node), node)
  }

  // MARK: Two and more operands

  mutating func importBinary(_ function: Binary, _ node: OnnxNode) throws {
    try bind(arithmetic(function, input(node, 0), input(node, 1), node), node)
  }

  /// Applies `function` after giving both operands the same rank.
  mutating func arithmetic(
    _ function: Binary, _ a: ValueID, _ b: ValueID, _ node: OnnxNode
  ) throws -> ValueID {
    let rank = max(shape(a).count, shape(b).count)
    let extents = try broadcast(shape(a), shape(b), node)
    let raisedA = try raise(a, to: rank, node)
    let raisedB = try raise(b, to: rank, node)
    return try emit(.binary(function, clamp: nil), [raisedA, raisedB], shape: extents, node)
  }

  /// The shape that two shapes broadcast to.
  func broadcast(_ a: [Int], _ b: [Int], _ node: OnnxNode) throws -> [Int] {
    let rank = max(a.count, b.count)
    let left = Array(repeating: 1, count: rank - a.count) + a
    let right = Array(repeating: 1, count: rank - b.count) + b
    return try zip(left, right).map { p, q in
      guard p == q || p == 1 || q == 1 else {
        throw node.error("shapes \(a) and \(b) do not broadcast")
      }
      return p == 1 ? q : p
    }
  }

  mutating func importVariadic(_ function: Binary, _ node: OnnxNode) throws {
    try bind(variadic(function, node), node)
  }

  private mutating func variadic(_ function: Binary, _ node: OnnxNode) throws -> ValueID {
    var result = try input(node, 0)
    for index in node.proto.input.indices.dropFirst() {
      result = try arithmetic(function, result, input(node, index), node)
    }
    return result
  }

  mutating func importMean(_ node: OnnxNode) throws {
    let sum = try variadic(.add, node)
    let count = Float(node.proto.input.count)
    try bind(count == 1 ? sum : multiply(sum, by: 1 / count, node), node)
  }

  mutating func importPow(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let exponent = try input(node, 1)
    // The exponent may be of any numeric type.
    var single: Float?
    switch graph.values[exponent].constant {
    case .int64(let elements)?:
      guard elements.count == 1 else { throw node.error("integer exponents must be one number") }
      single = Float(elements[0])
    case .float(let elements)? where elements.count == 1: single = elements[0]
    default: break
    }
    guard let single else {
      return try bind(arithmetic(.pow, x, exponent, node), node)
    }
    let raised = try raise(x, to: shape(exponent).count, node)
    let extents = shape(raised)
    let result =
      switch single {
      case 1: raised
      case 2: try emit(.binary(.mul, clamp: nil), [raised, raised], shape: extents, node)
      case 0.5: try emit(.unary(.sqrt), [raised], shape: extents, node)
      case -1: try emit(.unary(.reciprocal), [raised], shape: extents, node)
      default: try emit(.unary(.power(single)), [raised], shape: extents, node)
      }
    try bind(result, node)
  }
}
