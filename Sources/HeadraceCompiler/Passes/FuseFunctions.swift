extension Graph {
  /// Replaces what exporters spell out (x * 0.5 * (1 + erf(x / sqrt 2)), x * relu6(x + 3) / 6,
  /// x * sigmoid(x), ...) by the function that it is.
  ///
  /// A part of the graph that depends on one value only, element by element, is a function of one
  /// number; it is recognised by its values at sample points, whatever its operators and their order.
  mutating func fuseFunctions() {
    let writers = GraphUses(self).producer
    for index in nodes.indices.reversed() {
      guard let found = recognise(index, writers) else { continue }
      nodes[index].operation = .unary(found.function)
      nodes[index].inputs = [found.operand]
    }
  }

  private static let samples = (-40...40).map { Double($0) * 0.2 + 0.03 }

  private static let knownFunctions: [Unary] = [
    .gelu, .geluTanh, .swish, .hardSwish, .hardSigmoid(alpha: 1 / 6, beta: 0.5), .sigmoid,
    .softsign, .tanh, .softplus,
  ]

  /// The function that the node at `index` completes, and of which value.
  private func recognise(
    _ index: Int, _ writers: [ValueID: Int]
  ) -> (function: Unary, operand: ValueID)? {
    let root = nodes[index].outputs[0]
    guard isElementwise(nodes[index]), values[root].quantization == nil else { return nil }
    var inside: [Int] = []
    var frontier: Set<ValueID> = [root]
    // The latest writer first: what it reads is written before it.
    while inside.count < 16 {
      let next = frontier.compactMap { value in writers[value].map { ($0, value) } }
        .max { $0.0 < $1.0 }
      guard let (writer, value) = next, isElementwise(nodes[writer]),
        values[value].quantization == nil
      else { return nil }
      frontier.remove(value)
      inside.append(writer)
      for case let input? in nodes[writer].inputs where number(input) == nil {
        guard values[input].constant == nil else { return nil }
        frontier.insert(input)
      }
      guard frontier.count == 1, let operand = frontier.first, inside.count > 1,
        values[operand].shape == values[root].shape
      else { continue }
      let response = response(of: inside.reversed(), to: operand, at: root)
      let match = Graph.knownFunctions.first { function in
        zip(Graph.samples, response).allSatisfy { x, y in
          abs(function.evaluate(x) - y) <= 2e-5 * max(1, abs(y))
        }
      }
      if let match { return (match, operand) }
    }
    return nil
  }

  private func isElementwise(_ node: Node) -> Bool {
    switch node.operation {
    case .unary, .binary: true
    default: false
    }
  }

  /// The values of `root` where `operand` has the samples'.
  private func response(of inside: [Int], to operand: ValueID, at root: ValueID) -> [Double] {
    var known: [ValueID: [Double]] = [operand: Graph.samples]
    func operandValues(_ value: ValueID) -> [Double] {
      known[value] ?? Graph.samples.map { _ in Double(number(value) ?? .nan) }
    }
    for index in inside {
      let node = nodes[index]
      let inputs = node.inputs.compactMap { $0 }
      switch node.operation {
      case .unary(let function):
        known[node.outputs[0]] = operandValues(inputs[0]).map(function.evaluate)
      case .binary(let function, let clamp):
        let limit = Unary.clamp(clamp ?? Clamp(min: -.infinity, max: .infinity))
        known[node.outputs[0]] = zip(operandValues(inputs[0]), operandValues(inputs[1])).map {
          limit.evaluate(function.evaluate($0, $1))
        }
      default: return []
      }
    }
    return known[root] ?? []
  }
}
