extension Graph {
  /// Drops nodes whose results nothing needs, and values that no node or interface names. Inputs stay.
  mutating func removeDeadCode() {
    var needed = Set(outputs)
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      for case let input? in node.inputs { needed.insert(input) }
      kept.append(node)
    }
    nodes = kept.reversed()
    needed.formUnion(inputs)
    for node in nodes { needed.formUnion(node.outputs) }

    var places: [ValueID: ValueID] = [:]
    var compact: [Value] = []
    for id in values.indices where needed.contains(id) {
      places[id] = compact.count
      compact.append(values[id])
    }
    values = compact
    func place(_ id: ValueID) -> ValueID { places[id]! }
    inputs = inputs.map(place)
    outputs = outputs.map(place)
    for index in nodes.indices {
      nodes[index].inputs = nodes[index].inputs.map { $0.map(place) }
      nodes[index].outputs = nodes[index].outputs.map(place)
    }
  }
}
