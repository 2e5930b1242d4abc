/// Operators that rename or rearrange axes.
extension Importer {
  mutating func importIdentity(_ node: OnnxNode) throws { try bind(input(node, 0), node) }

  mutating func importDropout(_ node: OnnxNode) throws {
    if let training = try optionalInput(node, 2) {
      guard try constantInts(training, "training_mode", node) == [0] else {
        throw node.error("dropout in training mode is not supported; export for inference")
      }
    }
    try refuseFurtherOutputs(node)
    try bind(input(node, 0), node)
  }

  mutating func importReshape(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let wanted = try constantInts(input(node, 1), "shape", node)
    let keepsZeros = try node.flag("allowzero")
    let source = shape(x)
    var extents: [Int] = []
    for (axis, extent) in wanted.enumerated() {
      guard extent >= -1 else { throw node.error("the extent \(extent) is negative") }
      if extent == 0, !keepsZeros {
        guard axis < source.count else { throw node.error("0 copies an axis that does not exist") }
        extents.append(source[axis])
      } else {
        extents.append(extent)
      }
    }
    try bind(reshape(x, to: fill(extents, elements: source.reduce(1, *), node), node), node)
  }

  /// Replaces the one extent of -1 by what is left.
  private func fill(_ extents: [Int], elements: Int, _ node: OnnxNode) throws -> [Int] {
    var extents = extents
    let open = extents.indices.filter { extents[$0] == -1 }
    guard open.count <= 1 else { throw node.error("more than one extent is -1") }
    if let axis = open.first {
      extents[axis] = 1
      guard let rest = Limits.elementCount(extents), rest > 0, elements % rest == 0 else {
        throw node.error("\(elements) elements do not fill shape \(extents)")
      }
      extents[axis] = elements / rest
    }
    guard Limits.elementCount(extents) == elements else {
      throw node.error("\(elements) elements do not fill shape \(extents)")
    }
    return extents
  }

  mutating func importFlatten(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let given = try node.int("axis", default: 1)
    let axis = given == extents.count ? given : try node.axis(given, rank: extents.count)
    let result = try reshape(
      x, to: [extents[..<axis].reduce(1, *), extents[axis...].reduce(1, *)], node)
    try bind(result, node)
  }

  /// Axes from the second input (opset 13) or the attribute; nil if neither is there.
  func givenAxes(_ node: OnnxNode) throws -> [Int]? {
    if let axes = try optionalInput(node, 1) { return try constantInts(axes, "axes", node) }
    return try node.ints("axes")
  }

  mutating func importSqueeze(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let axes =
      if let given = try givenAxes(node) {
        try node.axes(given, rank: extents.count)
      } else {
        extents.indices.filter { extents[$0] == 1 }
      }
    guard axes.allSatisfy({ extents[$0] == 1 }) else {
      throw node.error("axes \(axes) of shape \(extents) are not all of extent 1")
    }
    let kept = extents.indices.filter { !axes.contains($0) }
    try bind(reshape(x, to: kept.map { extents[$0] }, node), node)
  }

  mutating func importUnsqueeze(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    guard let given = try givenAxes(node) else { throw node.error("its axes are missing") }
    let rank = shape(x).count + given.count
    guard rank <= Limits.rank else { throw node.error("rank \(rank) is above \(Limits.rank)") }
    let axes = try node.axes(given, rank: rank)
    var rest = shape(x)[...]
    let extents = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
    try bind(reshape(x, to: extents, node), node)
  }

  mutating func importTranspose(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let rank = shape(x).count
    let permutation = try node.ints("perm") ?? (0..<rank).reversed()
    guard permutation.sorted() == Array(0..<rank) else {
      throw node.error("perm \(permutation) is no permutation of \(rank) axes")
    }
    try bind(rank < 2 ? x : transpose(x, permutation, node), node)
  }

  mutating func importExpand(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let wanted = try constantInts(input(node, 1), "shape", node)
    guard wanted.allSatisfy({ $0 > 0 }) else { throw node.error("shape \(wanted) is not positive") }
    let extents = try broadcast(shape(x), wanted, node)
    if extents == shape(x) { return try bind(x, node) }
    try reserve(extents, node)
    let raised = try raise(x, to: extents.count, node)
    if let value = graph.values[raised].constant {
      let strides = ConstantEvaluation.broadcastStrides(shape(raised), to: extents)
      let expanded = value.strided(offset: 0, strides: strides, shape: extents)
      let result = addConstant(
        expanded, shape: extents, name: node.name, type: types[raised] ?? .float)
      return try bind(result, node)
    }
    let ones = addConstant(
      .float(Array(repeating: 1, count: extents.reduce(1, *))), shape: extents, name: node.name,
      type: .float)
    try bind(emit(.binary(.mul, clamp: nil), [raised, ones], shape: extents, node), node)
  }

  mutating func importTile(_ node: OnnxNode) throws {
    var x = try input(node, 0)
    let repeats = try constantInts(input(node, 1), "repeats", node)
    guard repeats.count == shape(x).count, repeats.allSatisfy({ (1...1024).contains($0) }) else {
      throw node.error("repeats \(repeats) do not fit shape \(shape(x))")
    }
    for (axis, count) in repeats.enumerated() where count > 1 {
      x = try concatenate(Array(repeating: x, count: count), axis: axis, node)
    }
    try bind(x, node)
  }
}
