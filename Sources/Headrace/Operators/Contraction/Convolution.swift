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

    private(set) var layout: StripLayout

    var groupChannels: Int { inputChannels / groups }
    var taps: Int { rows.kernel &* columns.kernel }
    /// Whether a row of the kernel reads consecutive input elements.
    var isContiguous: Bool { groups == 1 && columns.dilation == 1 }

    init(_ op: OperatorView) {
      let x = op.input(0).pointee
      let y = op.output().pointee
      let conv = op.parameters(hrm_conv.self)
      groups = Int(conv.groups)
      inputChannels = x.channels
      blocks = op.input(1).pointee[dim: 0]
      pictures = x.batch
      rows = WindowAxis(
        x.height, y.height, Int(conv.kernel_h), conv.stride_h, conv.dilation_h, conv.pad_top)
      columns = WindowAxis(
        x.width, y.width, Int(conv.kernel_w), conv.stride_w, conv.dilation_w, conv.pad_left)
      let isPointwise =
        rows.kernel &* columns.kernel == 1 && rows.stride == 1 && columns.stride == 1
        && rows.input == rows.output
        && columns.input == columns.output
      if isPointwise {
        // All pixels are one row, whose tiles are full but for the last.
        let pixels = pictures &* rows.input &* columns.input
        pictures = 1
        rows = WindowAxis(1, 1, 1, 1, 1, 0)
        columns = WindowAxis(pixels, pixels, 1, 1, 1, 0)
      }
      layout = StripLayout(
        x, taps: rows.kernel &* columns.kernel, channels: inputChannels / groups)
      #if arch(x86_64)
      if x.isFloat && isContiguous { layout.readRows(rows, columns) }
      #endif
    }

    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: blocks,
        depth: taps &* groupChannels, segmentWidth: layout.capacity,
        splitsOffFew: layout.elementBytes == 1)
    }
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    try SumChecks.checkConvolution(op)
    let (x, y) = (op.input(0).pointee, op.output().pointee)
    let conv = op.parameters(hrm_conv.self)
    _ = try WindowAxis(
      op, input: x.height, output: y.height, kernel: Int(conv.kernel_h), stride: conv.stride_h,
      dilation: conv.dilation_h, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try WindowAxis(
      op, input: x.width, output: y.width, kernel: Int(conv.kernel_w), stride: conv.stride_w,
      dilation: conv.dilation_w, padBefore: conv.pad_left, padAfter: conv.pad_right)
  }

  static func scratchBytes(_ op: OperatorView) -> Int { Geometry(op).layout.scratchBytes }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Geometry(op).split.parts(threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let geometry = Geometry(op)
    let split = geometry.split
    let conv = op.parameters(hrm_conv.self)
    let x = op.input(0)
    let elementBytes = x.pointee.elementBytes
    var contraction = StripContraction(
      op, memory, geometry.layout, groups: geometry.groups, clampMin: conv.clamp_min,
      clampMax: conv.clamp_max)
    let strips = WindowStrips(
      rows: geometry.rows, columns: geometry.columns, strip: contraction.strip,
      x: memory.read(x), pixelBytes: geometry.inputChannels &* elementBytes,
      isContiguous: geometry.isContiguous, isFloat: x.pointee.isFloat)

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks, strips: segments.count) { contraction, group in
      // From top to bottom: a strip and the one below it read rows in common.
      for top in segments.prefix(split.segmentsPerRow) {
        var (row, columns) = split.place(segment: top)
        for segment in stride(from: top, to: segments.upperBound, by: split.segmentsPerRow) {
          let picture = row / geometry.rows.output
          let line = row &- picture &* geometry.rows.output
          strips.list(
            picture: picture, row: line, column: columns.lowerBound, count: columns.count,
            channelBytes: group &* geometry.groupChannels &* elementBytes,
            isBelow: segment != top && line > 0)
          contraction.run(
            group: group, pixel: row &* geometry.columns.output &+ columns.lowerBound,
            pixels: columns.count)
          row &+= 1
        }
      }
    }
  }
}
