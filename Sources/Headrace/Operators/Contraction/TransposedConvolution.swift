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
    let layout: StripLayout

    var groupChannels: Int { inputChannels / groups }
    var taps: Int { rows.kernel &* columns.kernel }

    init(_ op: OperatorView) {
      let x = op.input(0).pointee
      let y = op.output().pointee
      let conv = op.parameters(hrm_conv.self)
      pictures = x.batch
      groups = Int(conv.groups)
      inputChannels = x.channels
      blocks = op.input(1).pointee[dim: 0]
      rows = SpreadAxis(
        x.height, y.height, Int(conv.kernel_h), conv.stride_h, conv.dilation_h, conv.pad_top)
      columns = SpreadAxis(
        x.width, y.width, Int(conv.kernel_w), conv.stride_w, conv.dilation_w, conv.pad_left)
      layout = StripLayout(
        x, taps: rows.kernel &* columns.kernel, channels: inputChannels / groups)
    }

    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: blocks,
        depth: max(1, taps / (rows.stride &* columns.stride)) &* groupChannels, segmentWidth: 64)
    }
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    try SumChecks.checkConvolution(op)
    let (x, y) = (op.input(0).pointee, op.output().pointee)
    let conv = op.parameters(hrm_conv.self)
    _ = try SpreadAxis(
      op, input: x.height, output: y.height, kernel: Int(conv.kernel_h), stride: conv.stride_h,
      dilation: conv.dilation_h, padBefore: conv.pad_top, padAfter: conv.pad_bottom)
    _ = try SpreadAxis(
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
    let stride = geometry.columns.stride
    contraction.arguments.y_step = contraction.outputChannels &* stride

    let (segments, blocks) = split.ranges(part: part, of: parts)
    contraction.forEachChunk(blocks) { contraction, group in
      let source = memory.read(x) + group &* geometry.groupChannels &* elementBytes
      for segment in segments {
        let (row, columns) = split.place(segment: segment)
        for phase in 0..<min(stride, columns.count) {
          var column = columns.lowerBound &+ phase
          while column < columns.upperBound {
            let remaining = (columns.upperBound &- column &+ stride &- 1) / stride
            let count = min(geometry.layout.capacity, remaining)
            let runs = list(
              geometry, contraction.strip, source, x.pointee, row: row, column: column,
              count: count)
            if !geometry.layout.gathers { contraction.arguments.run_count = UInt32(runs) }
            contraction.run(
              group: group, pixel: row &* geometry.columns.output &+ column, pixels: count)
            column &+= count &* stride
          }
        }
      }
    }
  }

  /// Lists the taps of `count` outputs, a stride apart. The bias accounts for all taps at the input's
  /// zero point, so a tap without an input reads that; where it is 0, taps that reach no output of the
  /// strip are left out, unless all are gathered.
  private static func list(
    _ geometry: Geometry, _ strip: Strip, _ source: UnsafeRawPointer, _ x: hrm_tensor,
    row: Int, column: Int, count: Int
  ) -> Int {
    let rows = geometry.rows
    let columns = geometry.columns
    let picture = row / rows.output
    let outputRow = row &- picture &* rows.output
    let pixelBytes = geometry.inputChannels &* x.elementBytes
    let tapBytes = geometry.groupChannels &* x.elementBytes
    let keepsAll = x.zero_point != 0 || geometry.layout.gathers
    var run = 0
    for rowTap in 0..<rows.kernel {
      guard keepsAll || rows.reaches(output: outputRow, tap: rowTap) else { continue }
      let inputRow = rows.tapInput(output: outputRow, tap: rowTap)
      let start =
        source + (picture &* rows.input &+ (inputRow ?? 0)) &* columns.input &* pixelBytes
      for columnTap in 0..<columns.kernel {
        guard keepsAll || columns.reaches(output: column, tap: columnTap) else { continue }
        let tap = rowTap &* columns.kernel &+ columnTap
        for pixel in 0..<count {
          let inputColumn =
            inputRow == nil
            ? nil
            : columns.tapInput(output: column &+ pixel &* columns.stride, tap: columnTap)
          let input = inputColumn.map { start + $0 &* pixelBytes } ?? strip.zeros
          if geometry.layout.gathers {
            copyBytes(
              input, to: strip.gathered + (pixel &* strip.layout.gatheredStep &+ tap &* tapBytes),
              tapBytes)
          } else {
            strip.set(run: run, tap: tap, pixel: pixel, input)
          }
        }
        run &+= 1
      }
    }
    return run
  }
}
