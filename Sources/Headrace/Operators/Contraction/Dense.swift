import CHeadrace

/// Fully connected layer over the last axis: y [..., N] = x [..., K] times weights.
enum Dense: Operator {
  static var name: StaticString { "dense" }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 2...4)
    let weights = op.input(1).pointee
    let dense = op.parameters(hrm_dense.self)
    try SumChecks.checkClamps(op, y, dense.clamp_min, dense.clamp_max)
    try op.require(x.rank == y.rank, "ranks differ")
    let last = Int(x.rank) - 1
    for axis in 0..<last {
      try op.require(x[dim: axis] == y[dim: axis], "leading extents differ")
    }
    try SumChecks.checkWeights(op, weights, x, rank: 3)
    try op.require(
      Int64(weights[dim: 0]) == (Int64(y[dim: last]) + 7) / 8 && weights[dim: 1] == x[dim: last]
        && weights[dim: 2] == 8,
      "weights are not packed as expected")
    let checks = SumChecks(op: op, paddedChannels: weights[dim: 0] * 8)
    try checks.checkBiasAndRequant(
      x, rows: weights[dim: 1], rowStep: 8, blockStep: weights[dim: 1] * 8)
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    Indirection.scratchBytes(runs: 1, zeroBytes: 0)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int { split(op).parts(threads: threads) }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let split = split(op)
    let dense = op.parameters(hrm_dense.self)
    let x = op.input(0)
    let rowBytes = split.depth &* x.pointee.elementBytes
    let source = memory.read(x)
    let indirection = Indirection(memory, runs: 1, zeroBytes: 0, x.pointee)
    var contraction = BlockedContraction(
      op, memory, indirection, groups: 1, blockWeights: split.depth &* 8,
      clampMin: dense.clamp_min, clampMax: dense.clamp_max)

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      for segment in segments {
        let (_, vectors) = split.place(segment: segment)
        var vector = vectors.lowerBound
        while vector < vectors.upperBound {
          let count = min(indirection.tilePixels, vectors.upperBound &- vector)
          indirection.set(
            run: 0, weights: 0, pixels: count, first: source + vector &* rowBytes, step: rowBytes)
          contraction.run(
            group: group, runs: 1, runLength: split.depth, pixel: vector, pixels: count)
          vector &+= count
        }
      }
    }
  }

  /// All vectors make up one row.
  private static func split(_ op: OperatorView) -> WorkSplit {
    let x = op.input(0).pointee
    let depth = x[dim: Int(x.rank) - 1]
    return WorkSplit(
      rows: 1, width: x.elementCount / depth, blocks: op.input(1).pointee[dim: 0], depth: depth)
  }
}
