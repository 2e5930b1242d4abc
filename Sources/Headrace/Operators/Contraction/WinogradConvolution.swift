import CHeadrace

/// Convolution by Winograd's minimal filtering (Lavin and Gray, "Fast algorithms for convolutional neural
/// networks", 2015): F(4x4, 3x3), a quarter of the multiplications of a 3x3 kernel, or F(3x3, 4x4). A
/// stride of 2 is one of 1 over four times the channels, each for pixels of one phase: of a 7x7 kernel a
/// third of the multiplications remains. float32 alone; weights come transformed.
enum WinogradConvolution: Operator {
  static var name: StaticString { "winograd_conv2d" }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 2...3)
    let conv = op.parameters(hrm_conv.self)
    try op.require(x.isFloat, "a Winograd convolution is of float32")
    try op.require(x.rank == 4 && y.rank == 4, "operands of a convolution have rank 4")
    try op.require(x.batch == y.batch, "batches differ")
    try SumChecks.checkClamps(op, y, conv.clamp_min, conv.clamp_max)
    try op.require(
      conv.groups == 1 && conv.dilation_h == 1 && conv.dilation_w == 1
        && conv.kernel_h == conv.kernel_w && conv.stride_h == conv.stride_w
        && (1...2).contains(conv.stride_h) && (1...8).contains(conv.kernel_h)
        && (3...4).contains((conv.kernel_h + conv.stride_h - 1) / conv.stride_h),
      "a Winograd convolution has no kernel of this size or stride")
    _ = try WindowAxis(
      op, input: x.height, output: y.height, kernel: Int(conv.kernel_h), stride: conv.stride_h,
      dilation: 1, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try WindowAxis(
      op, input: x.width, output: y.width, kernel: Int(conv.kernel_w), stride: conv.stride_w,
      dilation: 1, padBefore: conv.pad_left, padAfter: conv.pad_right)
    let weights = op.input(1).pointee
    try SumChecks.checkWeights(op, weights, x, rank: 4)
    let depth = Int64(conv.stride_h) * Int64(conv.stride_h) * Int64(x.channels)
    try op.require(depth <= 65536, "a Winograd convolution has too many input channels")
    try op.require(
      Int64(weights[dim: 0]) == (Int64(y.channels) + 7) / 8
        && weights[dim: 1] == WinogradTiles.points && Int64(weights[dim: 2]) == depth
        && weights[dim: 3] == 8,
      "weights are not packed as expected")
    try SumChecks(op: op, paddedChannels: weights[dim: 0] * 8)
      .checkBiasAndRequant(x, rows: 0, rowStep: 0, blockStep: 0)
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    WinogradScratch.byteCount(tiles(op))
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let tiles = tiles(op)
    let worthwhile = tiles.products / WorkSplit.leastMacsPerPart
    return max(1, min(threads, tiles.shares, Int(min(worthwhile, Int64(threads)))))
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let work = WinogradWork(op, memory, tiles(op))
    let shares = partition(work.tiles.shares, part: part, of: parts)
    let end = min(shares.upperBound &* WinogradTiles.shareTiles, work.tiles.tiles)
    var first = shares.lowerBound &* WinogradTiles.shareTiles
    while first < end {
      let next = min(first &+ work.tiles.stripTiles, end)
      work.run(first..<next)
      first = next
    }
  }

  private static func tiles(_ op: OperatorView) -> WinogradTiles {
    WinogradTiles(op.input(0).pointee, op.output().pointee, op.parameters(hrm_conv.self))
  }
}
