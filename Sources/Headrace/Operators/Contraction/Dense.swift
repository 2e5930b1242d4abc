import CHeadrace

/// Fully connected layer over the last axis: y [..., N] = x [..., K] times weights.
enum Dense: Operator {
  static var name: StaticString { "dense" }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 2...4)
    let dense = op.parameters(hrm_dense.self)
    try SumChecks.checkClamps(op, y, dense.clamp_min, dense.clamp_max)
    try op.require(x.rank == y.rank, "ranks differ")
    let last = Int(x.rank) - 1
    for axis in 0..<last {
      try op.require(x[dim: axis] == y[dim: axis], "leading extents differ")
    }
    try SumChecks.checkBlocks(
      op, x, outputs: y[dim: last], groups: 1, depth: Int64(x[dim: last]))
  }

  static func scratchBytes(_ op: OperatorView) -> Int { layout(op).scratchBytes }

  static func parts(_ op: OperatorView, threads: Int) -> Int { split(op).parts(threads: threads) }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let split = split(op)
    let dense = op.parameters(hrm_dense.self)
    let x = op.input(0)
    let rowBytes = split.depth &* x.pointee.elementBytes
    let source = memory.read(x)
    var contraction = StripContraction(
      op, memory, layout(op), groups: 1, clampMin: dense.clamp_min, clampMax: dense.clamp_max)
    let strip = contraction.strip

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      for segment in segments {
        let (_, vectors) = split.place(segment: segment)
        let first = source + vectors.lowerBound &* rowBytes
        if strip.layout.gathers {
          for vector in 0..<vectors.count {
            copyBytes(
              first + vector &* rowBytes,
              to: strip.gathered + vector &* strip.layout.gatheredStep, rowBytes)
          }
        } else {
          strip.setWeights(run: 0, tap: 0)
          strip.list(
            run: 0, pixels: vectors.count, inside: 0..<vectors.count, first: first, step: rowBytes)
        }
        contraction.run(group: group, pixel: vectors.lowerBound, pixels: vectors.count)
      }
    }
  }

  private static func layout(_ op: OperatorView) -> StripLayout {
    let x = op.input(0).pointee
    return StripLayout(x, taps: 1, channels: x[dim: Int(x.rank) - 1])
  }

  /// All vectors make up one row.
  private static func split(_ op: OperatorView) -> WorkSplit {
    let x = op.input(0).pointee
    let depth = x[dim: Int(x.rank) - 1]
    return WorkSplit(
      rows: 1, width: x.elementCount / depth, blocks: op.input(1).pointee[dim: 0], depth: depth,
      segmentWidth: layout(op).capacity)
  }
}
