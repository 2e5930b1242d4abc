import CHeadrace

/// Convolution of each channel by itself.
enum DepthwiseConvolution: Operator {
  static var name: StaticString { "depthwise_conv2d" }

  /// A verified convolution's extents.
  private struct Geometry {
    let pictures: Int
    let rows: WindowAxis
    let columns: WindowAxis
    let inputChannels: Int
    let outputChannels: Int
    let paddedChannels: Int

    var taps: Int { rows.kernel &* columns.kernel }

    init(_ op: OperatorView) {
      let x = op.input(0).pointee
      let y = op.output().pointee
      let weights = op.input(1).pointee
      let conv = op.parameters(hrm_conv.self)
      pictures = x.batch
      inputChannels = x.channels
      outputChannels = y.channels
      paddedChannels = weights[dim: 2]
      rows = WindowAxis(
        x.height, y.height, weights[dim: 0], conv.stride_h, conv.dilation_h, conv.pad_top)
      columns = WindowAxis(
        x.width, y.width, weights[dim: 1], conv.stride_w, conv.dilation_w, conv.pad_left)
    }

    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: paddedChannels / 8,
        depth: taps, segmentWidth: 64)
    }
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 2...4)
    let weights = op.input(1).pointee
    let conv = op.parameters(hrm_conv.self)
    try op.require(x.rank == 4 && y.rank == 4, "operands of a convolution have rank 4")
    try op.require(x.batch == y.batch, "batches differ")
    try SumChecks.checkClamps(op, y, conv.clamp_min, conv.clamp_max)
    try op.require(
      Int(conv.groups) == x.channels && y.channels % x.channels == 0,
      "groups are not the input's channels, or do not divide the output's")
    try SumChecks.checkWeights(op, weights, x, rank: 3)
    try op.require(
      Int64(weights[dim: 2]) == (Int64(y.channels) + 7) / 8 * 8,
      "weights are not packed as expected")
    _ = try WindowAxis(
      op, input: x.height, output: y.height, kernel: weights[dim: 0], stride: conv.stride_h,
      dilation: conv.dilation_h, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try WindowAxis(
      op, input: x.width, output: y.width, kernel: weights[dim: 1], stride: conv.stride_w,
      dilation: conv.dilation_w, padBefore: conv.pad_left, padAfter: conv.pad_right)
    try op.require(
      Int64(conv.kernel_h) == weights[dim: 0] && Int64(conv.kernel_w) == weights[dim: 1],
      "weights are not packed as expected")
    try SumChecks.checkTaps(op, conv.kernel_h, conv.kernel_w)
    let checks = SumChecks(op: op, paddedChannels: weights[dim: 2])
    try checks.checkBiasAndRequant(
      x, rows: weights[dim: 0] * weights[dim: 1], rowStep: weights[dim: 2], blockStep: 8)
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    let geometry = Geometry(op)
    return Indirection.scratchBytes(
      runs: geometry.taps, zeroBytes: geometry.inputChannels * op.input(0).pointee.elementBytes)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Geometry(op).split.parts(threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let geometry = Geometry(op)
    let split = geometry.split
    let conv = op.parameters(hrm_conv.self)
    let x = op.input(0)
    let pixelBytes = geometry.inputChannels &* x.pointee.elementBytes
    let indirection = Indirection(
      memory, runs: geometry.taps, zeroBytes: pixelBytes, x.pointee)
    let tiles = WindowTiles(
      rows: geometry.rows, columns: geometry.columns, indirection: indirection,
      x: memory.read(x), pixelBytes: pixelBytes, tapWeights: geometry.paddedChannels,
      mergesColumns: false)
    var contraction = BlockedContraction(
      op, memory, indirection, groups: 1, blockWeights: 8,
      clampMin: conv.clamp_min, clampMax: conv.clamp_max)
    contraction.work.depth_multiplier = UInt32(geometry.outputChannels / geometry.inputChannels)

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      for segment in segments {
        let (row, columns) = split.place(segment: segment)
        let picture = row / geometry.rows.output
        var column = columns.lowerBound
        while column < columns.upperBound {
          let count = min(indirection.tilePixels, columns.upperBound &- column)
          let (runs, _) = tiles.list(
            picture: picture, row: row &- picture &* geometry.rows.output, column: column,
            count: count, channelBytes: 0)
          contraction.run(
            group: group, runs: runs,
            pixel: row &* geometry.columns.output &+ column, pixels: count)
          column &+= count
        }
      }
    }
  }
}
