import CHeadrace

/// Post-training quantization: chooses the formats of a float graph's activations from what flows
/// through it on calibration data. (Weights are quantized when the graph is lowered.)
struct Quantizer {
  var storage = Quantization.Storage.int8
  var method = RangeMethod.meanSquaredError
  /// Nodes that stay in float, by name.
  var floatNodes: Set<String> = []
  /// Called with samples done and samples in all.
  var progress: (Int, Int) -> Void = { _, _ in }

  /// Throws unless every one of `floatNodes` is a node of the network.
  func checkNodeNames(_ graph: Graph) throws {
    if let unknown = floatNodes.subtracting(graph.nodes.map(\.name)).min() {
      throw CompilerError("--float names no node of the network", at: unknown)
    }
  }

  /// Runs the float model over all samples and counts the values of every activation.
  func histograms(
    _ graph: Graph, _ float: CompiledModel, _ data: any CalibrationData
  ) throws -> [Histogram] {
    try checkNodeNames(graph)
    var histograms = Array(repeating: Histogram(), count: graph.values.count)
    let runner = try ModelRunner(float.bytes)
    for sample in 0..<data.count {
      try data.load(sample, into: runner)
      for (index, id) in graph.inputs.enumerated() {
        let values = try runner.input(index).reals()
        values.withUnsafeBufferPointer { histograms[id].add($0) }
      }
      try runner.run { index, tensor in
        guard let id = float.value(ofOperator: index), let data = tensor.data else { return }
        let elements = UnsafeBufferPointer(
          start: data.assumingMemoryBound(to: Float.self), count: tensor.elementCount)
        histograms[id].add(elements)
      }
      progress(sample + 1, data.count)
    }
    for (id, histogram) in histograms.enumerated() where histogram.notFinite > 0 {
      throw CompilerError(
        "becomes infinite or not a number on the calibration data; check mean and deviation",
        at: graph.values[id].name)
    }
    return histograms
  }

  /// The graph with quantizations on its activations.
  func quantize(_ graph: Graph, _ histograms: [Histogram]) throws -> Graph {
    var graph = graph
    var natural: [Graph.ValueID: Quantization] = [:]
    for node in graph.nodes {
      natural[node.outputs[0]] = node.operation.naturalQuantization(storage)
    }
    var ranges: [ClosedRange<Double>?] = histograms.map {
      $0.isEmpty ? nil : method.range($0, levels: levels)
    }
    for (position, id) in graph.inputs.enumerated() {
      ranges[id] = inputRange(graph, position, histograms[id])
    }
    let groups = RangeGroups(graph, ranges: ranges, fixed: Set(natural.keys))
    var shared: [Graph.ValueID: ClosedRange<Double>] = [:]
    var fixed: [Graph.ValueID: Quantization] = [:]
    for (id, range) in ranges.enumerated() {
      let root = groups.root(id)
      if let quantization = natural[id] { fixed[root] = quantization }
      guard let range else { continue }
      shared[root] = shared[root].map { $0.union(range) } ?? range
    }
    let kept = Set(graph.nodes.filter { floatNodes.contains($0.name) }.flatMap(\.outputs))
    for id in graph.inputs + graph.nodes.flatMap(\.outputs)
    where !kept.contains(id) && graph.values[id].quantization == nil {
      let root = groups.root(id)
      graph.values[id].quantization =
        try fixed[root]
        ?? quantization(covering: shared[root] ?? 0...0, at: graph.values[id].name)
    }
    return graph
  }

  private var levels: Int { storage == .int8 ? 256 : 65536 }

  /// An input is never clipped: it holds what its producer makes. A picture's range is known.
  private func inputRange(
    _ graph: Graph, _ position: Int, _ histogram: Histogram
  ) -> ClosedRange<Double> {
    if let picture = graph.pictures[position] {
      let ends = zip(picture.mean, picture.deviation).flatMap { [-$0 / $1, (1 - $0) / $1] }
      return ends.reduce(0, min)...ends.reduce(0, max)
    }
    return RangeMethod.minimumMaximum.range(histogram, levels: levels)
  }

  private func quantization(
    covering range: ClosedRange<Double>, at location: String
  ) throws -> Quantization {
    let format = try Lowering.format(
      covering: [range.lowerBound, range.upperBound],
      type: storage == .int8 ? HRM_INT8 : HRM_INT16, at: location)
    return Quantization(storage: storage, scales: [format.scale], zeroPoint: format.zeroPoint)
  }
}

extension ClosedRange<Double> {
  fileprivate func union(_ other: Self) -> Self {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}

extension CompiledModel {
  /// The graph value that operator `index` of the file writes; nil for a step in between.
  func value(ofOperator index: Int) -> Graph.ValueID? {
    lowered.tensors[lowered.operators[plan.order[index]].outputs[0]].value
  }
}
