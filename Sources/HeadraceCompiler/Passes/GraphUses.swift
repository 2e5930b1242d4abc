/// Who writes and who reads each value, for a pass that looks around a node.
struct GraphUses {
  /// The node that writes a value.
  private(set) var producer: [Graph.ValueID: Int] = [:]
  /// The nodes that read it, once for each operand.
  private(set) var readers: [Graph.ValueID: [Int]] = [:]
  private let outputs: Set<Graph.ValueID>

  init(_ graph: Graph) {
    outputs = Set(graph.outputs)
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs { producer[output] = index }
      for case let input? in node.inputs { readers[input, default: []].append(index) }
    }
  }

  /// The only reader of `value`, which is not an output of the graph either.
  func onlyReader(_ value: Graph.ValueID) -> Int? {
    guard !outputs.contains(value), let all = readers[value], all.count == 1 else { return nil }
    return all[0]
  }
}

extension Graph {
  /// Makes every reader of `old` read `new`, the graph's outputs too.
  mutating func replaceUses(of old: ValueID, by new: ValueID) {
    for index in nodes.indices {
      for position in nodes[index].inputs.indices where nodes[index].inputs[position] == old {
        nodes[index].inputs[position] = new
      }
    }
    for position in outputs.indices where outputs[position] == old { outputs[position] = new }
  }

  /// The one number of a constant float operand that has one element and no quantization.
  func number(_ value: ValueID?) -> Float? {
    guard let value, case .float(let elements)? = values[value].constant, elements.count == 1
    else { return nil }
    return elements[0]
  }

  mutating func addConstant(_ elements: [Float], shape: [Int], name: String) -> ValueID {
    add(Value(name: name, shape: shape, constant: .float(elements)))
  }

  func shape(_ value: ValueID?) -> [Int] { value.map { values[$0].shape } ?? [] }
}
