extension Graph {
  /// Computes the nodes that read constants only.
  mutating func foldConstants() {
    var budget = Limits.foldedElementsInAll
    nodes.removeAll { node in
      let operands = node.inputs.compactMap { $0 }
      guard !operands.isEmpty, operands.allSatisfy({ values[$0].constant != nil }),
        node.outputs.count == 1, !outputs.contains(node.outputs[0]),
        values[node.outputs[0]].elementCount <= budget,
        let result = ConstantEvaluation.evaluate(
          node.operation, operands.map { values[$0] }, shape: values[node.outputs[0]].shape)
      else { return false }
      budget -= values[node.outputs[0]].elementCount
      values[node.outputs[0]].constant = result.constant
      values[node.outputs[0]].quantization = result.quantization
      return true
    }
  }
}
