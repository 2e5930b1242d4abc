extension Graph {
  /// Removes what changes nothing, and merges neighbours that do one thing in two steps. What is no
  /// longer read is left to `removeDeadCode`.
  mutating func simplify() {
    var simplification = Simplification(graph: self)
    simplification.run()
    self = simplification.graph
  }
}

private struct Simplification {
  var graph: Graph
  /// Values that turned out to be other ones.
  private var aliases: [Graph.ValueID: Graph.ValueID] = [:]
  /// The simplified node that writes a value.
  private var writers: [Graph.ValueID: Node] = [:]

  init(graph: Graph) { self.graph = graph }

  mutating func run() {
    let nodes = graph.nodes
    graph.nodes = []
    for var node in nodes {
      node.inputs = node.inputs.map { $0.map { aliases[$0] ?? $0 } }
      node = merged(node)
      if let x = node.inputs.first ?? nil, changesNothing(node, x),
        !graph.outputs.contains(node.outputs[0])
      {
        aliases[node.outputs[0]] = x
        continue
      }
      for output in node.outputs { writers[output] = node }
      graph.nodes.append(node)
    }
  }

  private func quantization(_ value: Graph.ValueID) -> Quantization? {
    graph.values[value].quantization
  }

  private func changesNothing(_ node: Node, _ x: Graph.ValueID) -> Bool {
    let y = node.outputs[0]
    guard graph.shape(x) == graph.shape(y), quantization(x) == quantization(y) else {
      return false
    }
    switch node.operation {
    case .reshape: return true
    case .transpose(let permutation): return permutation == Array(permutation.indices)
    case .slice(_, let step): return step.allSatisfy { $0 == 1 }
    case .unary(.affine(scale: 1, offset: 0)): return true
    case .unary(.clamp(let clamp)): return clamp.min == -.infinity && clamp.max == .infinity
    case .pad, .resize:
      if case .resize(let resize) = node.operation { return resize.scales == [1, 1] }
      return true
    case .concat: return node.inputs.count == 1
    default: return false
    }
  }

  /// The node, doing the work of the one before it too where that is possible.
  private func merged(_ node: Node) -> Node {
    guard let x = node.inputs.first ?? nil else { return node }
    var node = node
    if case .transpose(let permutation) = node.operation, movesOnlyOnes(permutation, graph.shape(x))
    {
      node.operation = .reshape
    }
    if let scalar = scalarArithmetic(node) { node = scalar }
    guard let first = node.inputs[0], let before = writers[first], let source = before.inputs[0],
      quantization(first) == quantization(node.outputs[0])
    else { return node }
    switch (before.operation, node.operation) {
    case (.reshape, .reshape):
      node.inputs = [source]
    case (.transpose(let inner), .transpose(let outer)):
      node.operation = .transpose(permutation: outer.map { inner[$0] })
      node.inputs = [source]
    case (.unary(.affine(let a, let b)), .unary(.affine(let c, let d))):
      node.operation = .unary(.affine(scale: a * c, offset: b * c + d))
      node.inputs = [source]
    case (.unary(.clamp(let inner)), .unary(.clamp(let outer))):
      node.operation = .unary(.clamp(inner.followed(by: outer)))
      node.inputs = [source]
    default: break
    }
    return foldingPad(node)
  }

  private func movesOnlyOnes(_ permutation: [Int], _ shape: [Int]) -> Bool {
    let moved = permutation.filter { shape[$0] > 1 }
    return moved == moved.sorted()
  }

  /// Arithmetic with one constant number as a function of the other operand.
  private func scalarArithmetic(_ node: Node) -> Node? {
    guard case .binary(let function, nil) = node.operation, let a = node.inputs[0],
      let b = node.inputs[1]
    else { return nil }
    let affine: Unary
    let x: Graph.ValueID
    if let c = graph.number(b), graph.shape(a) == graph.shape(node.outputs[0]) {
      x = a
      switch function {
      case .add: affine = .affine(scale: 1, offset: c)
      case .sub: affine = .affine(scale: 1, offset: -c)
      case .mul: affine = .affine(scale: c, offset: 0)
      case .div where c != 0: affine = .affine(scale: 1 / c, offset: 0)
      case .min where !c.isNaN: affine = .clamp(Clamp(min: -.infinity, max: c))
      case .max where !c.isNaN: affine = .clamp(Clamp(min: c, max: .infinity))
      default: return nil
      }
    } else if let c = graph.number(a), graph.shape(b) == graph.shape(node.outputs[0]) {
      x = b
      switch function {
      case .add: affine = .affine(scale: 1, offset: c)
      case .sub: affine = .affine(scale: -1, offset: c)
      case .mul: affine = .affine(scale: c, offset: 0)
      case .div where c == 1: affine = .reciprocal
      case .min where !c.isNaN: affine = .clamp(Clamp(min: -.infinity, max: c))
      case .max where !c.isNaN: affine = .clamp(Clamp(min: c, max: .infinity))
      default: return nil
      }
    } else {
      return nil
    }
    guard graph.values[x].constant == nil else { return nil }
    var result = node
    result.operation = .unary(affine)
    result.inputs = [x]
    return result
  }

  /// Zeros around an image are what a convolution's padding reads.
  private func foldingPad(_ node: Node) -> Node {
    guard case .convolution(var convolution) = node.operation, let x = node.inputs[0],
      let before = writers[x], let source = before.inputs[0],
      case .pad(.constant, let leading, let trailing, 0) = before.operation,
      graph.layout == .channelsLast, leading[0] == 0, trailing[0] == 0, leading[3] == 0,
      trailing[3] == 0, quantization(source) == quantization(x)
    else { return node }
    let more = [leading[1], leading[2], trailing[1], trailing[2]]
    convolution.pads = zip(convolution.pads, more).map { $0 + $1 }
    guard convolution.pads.allSatisfy({ (0...Limits.window).contains($0) }) else { return node }
    var result = node
    result.operation = .convolution(convolution)
    result.inputs[0] = source
    return result
  }
}

extension Clamp {
  /// The clamp that does this one and then `other`.
  func followed(by other: Clamp) -> Clamp {
    Clamp(
      min: Swift.min(Swift.max(min, other.min), other.max),
      max: Swift.min(Swift.max(max, other.min), other.max))
  }
}
