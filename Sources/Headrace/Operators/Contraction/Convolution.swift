import CHeadrace

/// Grouped, dilated, strided convolution over H and W.
enum Convolution: Operator {
  static var name: StaticString { "conv2d" }

  /// A verified convolution's extents.
  private struct Geometry {
    var pictures: Int
    var rows: WindowAxis
    var columns: WindowAxis
    let groups: Int
    let inputChannels: Int
    let blocks: Int

    var groupChannels: Int { inputChannels / groups }
    var taps: Int { rows.kernel &* columns.kernel }
    /// Whether a row of the kernel reads consecutive input elements.
    var mergesColumns: Bool { groups == 1 && columns.dilation == 1 }
    var longestRun: Int { mergesColumns ? columns.kernel &* inputChannels : groupChannels }

    init(_ op: OperatorView) {
      let x = op.input(0).pointee
      let y = op.output().pointee
      let weights = op.input(1).pointee
      let conv = op.parameters(hrm_conv.self)
      groups = Int(conv.groups)
      inputChannels = x.channels
      blocks = weights[dim: 0]
      pictures = x.batch
      rows = WindowAxis(
        x.height, y.height, weights[dim: 1], conv.stride_h, conv.dilation_h, conv.pad_top)
      columns = WindowAxis(
        x.width, y.width, weights[dim: 2], conv.stride_w, conv.dilation_w, conv.pad_left)
      let isPointwise =
        taps == 1 && rows.stride == 1 && columns.stride == 1 && rows.input == rows.output
        && columns.input == columns.output
      if isPointwise {
        // All pixels are one row, whose tiles are full but for the last.
        let pixels = pictures &* rows.input &* columns.input
        pictures = 1
        rows = WindowAxis(1, 1, 1, 1, 1, 0)
        columns = WindowAxis(pixels, pixels, 1, 1, 1, 0)
      }
    }

    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: blocks,
        depth: taps &* groupChannels)
    }
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 2...4)
    let weights = op.input(1).pointee
    let conv = op.parameters(hrm_conv.self)
    try op.require(x.rank == 4 && y.rank == 4, "operands of a convolution have rank 4")
    try op.require(x.batch == y.batch, "batches differ")
    try SumChecks.checkClamps(op, y, conv.clamp_min, conv.clamp_max)
    let groups = Int(conv.groups)
    try op.require(
      groups >= 1 && x.channels % groups == 0 && y.channels % groups == 0,
      "groups do not divide the channels")
    try SumChecks.checkWeights(op, weights, x, rank: 5)
    let blocksPerGroup = (y.channels / groups + 7) / 8
    try op.require(
      Int64(weights[dim: 0]) == Int64(groups) * Int64(blocksPerGroup)
        && weights[dim: 3] == x.channels / groups && weights[dim: 4] == 8,
      "weights are not packed as expected")
    _ = try WindowAxis(
      op, input: x.height, output: y.height, kernel: weights[dim: 1], stride: conv.stride_h,
      dilation: conv.dilation_h, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try WindowAxis(
      op, input: x.width, output: y.width, kernel: weights[dim: 2], stride: conv.stride_w,
      dilation: conv.dilation_w, padBefore: conv.pad_left, padAfter: conv.pad_right)
    try SumChecks.checkTaps(op, weights[dim: 1], weights[dim: 2])
    let rows = weights[dim: 1] * weights[dim: 2] * weights[dim: 3]
    let checks = SumChecks(op: op, paddedChannels: weights[dim: 0] * 8)
    try checks.checkBiasAndRequant(x, rows: rows, rowStep: 8, blockStep: rows * 8)
  }

  static func scratchBytes(_ op: OperatorView) -> Int {
    let geometry = Geometry(op)
    return Indirection.scratchBytes(
      runs: geometry.taps, zeroBytes: geometry.longestRun * op.input(0).pointee.elementBytes)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Geometry(op).split.parts(threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let geometry = Geometry(op)
    let split = geometry.split
    let conv = op.parameters(hrm_conv.self)
    let x = op.input(0)
    let elementBytes = x.pointee.elementBytes
    let indirection = Indirection(
      memory, runs: geometry.taps, zeroBytes: geometry.longestRun &* elementBytes, x.pointee)
    let tiles = WindowTiles(
      rows: geometry.rows, columns: geometry.columns, indirection: indirection,
      x: memory.read(x), pixelBytes: geometry.inputChannels &* elementBytes,
      tapWeights: geometry.groupChannels &* 8, mergesColumns: geometry.mergesColumns)
    var contraction = BlockedContraction(
      op, memory, indirection, groups: geometry.groups,
      blockWeights: geometry.taps &* geometry.groupChannels &* 8, clampMin: conv.clamp_min,
      clampMax: conv.clamp_max)

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      for segment in segments {
        let (row, columns) = split.place(segment: segment)
        let picture = row / geometry.rows.output
        var column = columns.lowerBound
        while column < columns.upperBound {
          let count = min(indirection.tilePixels, columns.upperBound &- column)
          let (runs, taps) = tiles.list(
            picture: picture, row: row &- picture &* geometry.rows.output, column: column,
            count: count, channelBytes: group &* geometry.groupChannels &* elementBytes)
          contraction.run(
            group: group, runs: runs, runLength: taps &* geometry.groupChannels,
            pixel: row &* geometry.columns.output &+ column, pixels: count)
          column &+= count
        }
      }
    }
  }
}
