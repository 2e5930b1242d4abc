/// Values that share one quantization, so that operators that only move elements need not requantize.
struct RangeGroups {
  private var parents: [Int]

  /// Joins what single-input moving nodes read and write, always; and what a concatenation joins, where
  /// no part would lose more than two bits of its own range. `fixed` values have a format of their own.
  init(_ graph: Graph, ranges: [ClosedRange<Double>?], fixed: Set<Graph.ValueID>) {
    parents = Array(graph.values.indices)
    for node in graph.nodes where node.operation.sharesQuantization {
      guard let input = node.inputs[0], graph.values[input].constant == nil else { continue }
      join(input, node.outputs[0])
    }
    for node in graph.nodes {
      guard case .concat = node.operation else { continue }
      let parts = node.inputs.compactMap { $0 }.filter {
        graph.values[$0].constant == nil && !fixed.contains(root($0))
      }
      guard !fixed.contains(root(node.outputs[0])) else { continue }
      let whole = width(node.outputs[0], ranges)
      for part in parts where width(part, ranges) * 4 >= whole { join(part, node.outputs[0]) }
    }
  }

  private func width(_ id: Graph.ValueID, _ ranges: [ClosedRange<Double>?]) -> Double {
    ranges[id].map { $0.upperBound - $0.lowerBound } ?? 0
  }

  private mutating func join(_ a: Graph.ValueID, _ b: Graph.ValueID) { parents[root(b)] = root(a) }

  /// The value that stands for the group.
  func root(_ id: Graph.ValueID) -> Graph.ValueID {
    var id = id
    while parents[id] != id { id = parents[id] }
    return id
  }
}

extension Operation {
  /// Whether elements come out as they went in: the output's quantization must be the input's.
  var sharesQuantization: Bool {
    switch self {
    case .slice, .pad, .reshape, .transpose, .resize, .depthToSpace, .spaceToDepth: true
    case .pool(let pool): pool.function == .max && pool.clamp == nil
    case .reduce(let reduction, _): reduction == .max || reduction == .min
    default: false
    }
  }

  /// The format that suits an output whose range mathematics knows; nil for others.
  func naturalQuantization(_ storage: Quantization.Storage) -> Quantization? {
    let int8 = storage == .int8
    switch self {
    case .softmax, .unary(.sigmoid), .unary(.hardSigmoid):
      return Quantization(
        storage: storage, scales: [int8 ? 1 / 256 : 1 / 32768], zeroPoint: int8 ? -128 : 0)
    case .unary(.tanh), .unary(.softsign), .unary(.erf), .unary(.sin), .unary(.cos):
      return Quantization(storage: storage, scales: [int8 ? 1 / 128 : 1 / 32768])
    default: return nil
    }
  }
}
