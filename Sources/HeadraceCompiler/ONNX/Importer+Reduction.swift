/// ReduceMean, ReduceSum, ... with axes as an attribute or, in later operator sets, as an input.
extension Importer {
  mutating func importReduction(_ reduction: Reduction, _ node: OnnxNode) throws {
    try bind(reduce(input(node, 0), reduction, node), node)
  }

  mutating func importSumOfSquares(root: Bool, _ node: OnnxNode) throws {
    let x = try input(node, 0)
    let squares = try emit(.binary(.mul, clamp: nil), [x, x], shape: shape(x), node)
    let sum = try reduce(squares, .sum, node)
    try bind(root ? emit(.unary(.sqrt), [sum], shape: shape(sum), node) : sum, node)
  }

  private mutating func reduce(
    _ x: ValueID, _ reduction: Reduction, _ node: OnnxNode
  ) throws -> ValueID {
    let extents = shape(x)
    let given = try givenAxes(node) ?? []
    if given.isEmpty, try node.flag("noop_with_empty_axes") { return x }
    let axes = try (given.isEmpty ? Array(extents.indices) : node.axes(given, rank: extents.count))
      .sorted()
    var kept = extents
    for axis in axes { kept[axis] = 1 }
    let result = try emit(.reduce(reduction, axes: axes), [x], shape: kept, node)
    if try node.flag("keepdims", default: true) { return result }
    let rest = extents.indices.filter { !axes.contains($0) }.map { extents[$0] }
    return try reshape(result, to: rest, node)
  }
}
