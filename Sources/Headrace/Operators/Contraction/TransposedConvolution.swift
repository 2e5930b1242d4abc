import CHeadrace

/// Transposed convolution over H and W, computed output by output: each gathers the inputs that
/// spread to it. Outputs a stride apart have the same taps and make up a tile.
enum TransposedConvolution: Operator {
  static var name: StaticString { "transposed_conv2d" }

  /// A verified convolution's extents.
  private struct Geometry {
    let pictures: Int
    let rows: SpreadAxis
    let columns: SpreadAxis
    let groups: Int
    let inputChannels: Int
    let blocks: Int

    var groupChannels: Int { inputChannels / groups }
    var taps: Int { rows.kernel &* columns.kernel }

    init(_ op: OperatorView) {
      let x = op.input(0).pointee
      let y = op.output().pointee
      let weights = op.input(1).pointee
      let conv = op.parameters(hrm_conv.self)
      pictures = x.batch
      groups = Int(conv.groups)
      inputChannels = x.channels
      blocks = weights[dim: 0]
      rows = SpreadAxis(
        x.height, y.height, weights[dim: 1], conv.stride_h, conv.dilation_h, conv.pad_top)
      columns = SpreadAxis(
        x.width, y.width, weights[dim: 2], conv.stride_w, conv.dilation_w, conv.pad_left)
    }

    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: blocks,
        depth: max(1, taps / (rows.stride &* columns.stride)) &* groupChannels)
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
    _ = try SpreadAxis(
      op, input: x.height, output: y.height, kernel: weights[dim: 1], stride: conv.stride_h,
      dilation: conv.dilation_h, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try SpreadAxis(
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
      runs: geometry.taps, zeroBytes: geometry.groupChannels * op.input(0).pointee.elementBytes)
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
      memory, runs: geometry.taps, zeroBytes: geometry.groupChannels &* elementBytes, x.pointee)
    var contraction = BlockedContraction(
      op, memory, indirection, groups: geometry.groups,
      blockWeights: geometry.taps &* geometry.groupChannels &* 8, clampMin: conv.clamp_min,
      clampMax: conv.clamp_max)
    let stride = geometry.columns.stride
    contraction.tile.y_step = contraction.outputChannels &* stride

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      let source = memory.read(x) + group &* geometry.groupChannels &* elementBytes
      for segment in segments {
        let (row, columns) = split.place(segment: segment)
        for phase in 0..<min(stride, columns.count) {
          var column = columns.lowerBound &+ phase
          while column < columns.upperBound {
            let remaining = (columns.upperBound &- column &+ stride &- 1) / stride
            let count = min(indirection.tilePixels, remaining)
            let runs = list(
              geometry, indirection, source, x.pointee, row: row, column: column, count: count)
            contraction.run(
              group: group, runs: runs, runLength: geometry.groupChannels,
              pixel: row &* geometry.columns.output &+ column, pixels: count)
            column &+= count &* stride
          }
        }
      }
    }
  }

  /// Lists the taps of `count` outputs, a stride apart. The bias accounts for all taps at the input's
  /// zero point, so a tap without an input reads that; where it is 0, taps that reach no output of the
  /// tile are left out.
  private static func list(
    _ geometry: Geometry, _ indirection: Indirection, _ source: UnsafeRawPointer, _ x: hrm_tensor,
    row: Int, column: Int, count: Int
  ) -> Int {
    let rows = geometry.rows
    let columns = geometry.columns
    let picture = row / rows.output
    let outputRow = row &- picture &* rows.output
    let pixelBytes = geometry.inputChannels &* x.elementBytes
    let keepsAll = x.zero_point != 0
    var run = 0
    for rowTap in 0..<rows.kernel {
      guard keepsAll || rows.reaches(output: outputRow, tap: rowTap) else { continue }
      let inputRow = rows.tapInput(output: outputRow, tap: rowTap)
      let start =
        source + (picture &* rows.input &+ (inputRow ?? 0)) &* columns.input &* pixelBytes
      for columnTap in 0..<columns.kernel {
        guard keepsAll || columns.reaches(output: column, tap: columnTap) else { continue }
        let tap = rowTap &* columns.kernel &+ columnTap
        indirection.weights[run] = UInt32(truncatingIfNeeded: tap &* geometry.groupChannels &* 8)
        for pixel in 0..<count {
          let inputColumn =
            inputRow == nil
            ? nil
            : columns.tapInput(output: column &+ pixel &* columns.stride, tap: columnTap)
          indirection.set(
            run: run, pixel: pixel,
            inputColumn.map { start + $0 &* pixelBytes } ?? indirection.zeros)
        }
        run &+= 1
      }
    }
    return run
  }
}
