extension Graph {
  /// Lets operators clamp what they write (ReLU, ReLU6, Clip) instead of an operator after them.
  mutating func fuseActivations() {
    let uses = GraphUses(self)
    var writers = uses.producer
    var absorbed: Set<Int> = []
    for index in nodes.indices {
      guard case .unary(.clamp(let clamp)) = nodes[index].operation,
        let x = nodes[index].inputs[0], uses.onlyReader(x) == index, let before = writers[x],
        values[x].quantization == values[nodes[index].outputs[0]].quantization,
        let fused = nodes[before].operation.clamped(clamp)
      else { continue }
      nodes[before].operation = fused
      nodes[before].outputs = nodes[index].outputs
      writers[nodes[index].outputs[0]] = before
      absorbed.insert(index)
    }
    nodes = nodes.indices.filter { !absorbed.contains($0) }.map { nodes[$0] }
  }
}

extension Operation {
  /// This operation, its result clamped; nil if it cannot do that itself. A nil clamp changes nothing.
  func clamped(_ clamp: Clamp?) -> Operation? {
    guard let clamp else { return self }
    func both(_ own: Clamp?) -> Clamp { own?.followed(by: clamp) ?? clamp }
    switch self {
    case .convolution(var convolution):
      convolution.clamp = both(convolution.clamp)
      return .convolution(convolution)
    case .transposedConvolution(var convolution):
      convolution.clamp = both(convolution.clamp)
      return .transposedConvolution(convolution)
    case .dense(let own): return .dense(clamp: both(own))
    case .matrixProduct(let a, let b, let own):
      return .matrixProduct(transposeA: a, transposeB: b, clamp: both(own))
    case .pool(var pool):
      pool.clamp = both(pool.clamp)
      return .pool(pool)
    case .binary(let function, let own): return .binary(function, clamp: both(own))
    default: return nil
    }
  }
}
