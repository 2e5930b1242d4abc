extension Graph {
  /// The graph with quantized inputs and outputs: an input that is only ever quantized, in one way,
  /// becomes what that gives, and an output that is dequantized stays as it was.
  func withoutBorderConversions() -> Graph {
    var graph = self
    for (position, input) in inputs.enumerated() where values[input].quantization == nil {
      let readers = nodes.filter { $0.inputs.contains(input) }
      guard let first = readers.first, !outputs.contains(input),
        readers.allSatisfy({
          $0.operation == .quantize
            && values[$0.outputs[0]].quantization == values[first.outputs[0]].quantization
        })
      else { continue }
      let quantized = readers.map { $0.outputs[0] }
      guard !quantized.contains(where: outputs.contains) else { continue }
      graph.nodes.removeAll { $0.operation == .quantize && $0.inputs[0] == input }
      graph.replace(Set(quantized), by: quantized[0])
      graph.values[quantized[0]].takeInterface(of: values[input])
      graph.inputs[position] = quantized[0]
    }
    for (position, output) in graph.outputs.enumerated() {
      guard
        let last = graph.nodes.firstIndex(where: {
          $0.operation == .dequantize && $0.outputs[0] == output
        }),
        let source = graph.nodes[last].inputs[0], graph.values[source].constant == nil,
        !graph.inputs.contains(source), !graph.outputs.contains(source)
      else { continue }
      graph.values[source].takeInterface(of: graph.values[output])
      graph.outputs[position] = source
      if !graph.nodes.contains(where: { $0.inputs.contains(output) }),
        !graph.outputs.contains(output)
      {
        graph.nodes.remove(at: last)
      }
    }
    return graph
  }

  private mutating func replace(_ old: Set<ValueID>, by new: ValueID) {
    for index in nodes.indices {
      nodes[index].inputs = nodes[index].inputs.map { id in
        id.map { old.contains($0) ? new : $0 }
      }
    }
  }
}

extension Value {
  fileprivate mutating func takeInterface(of other: Value) {
    name = other.name
    channelsFirstSource = other.channelsFirstSource
    sourceRank = other.sourceRank
  }
}
