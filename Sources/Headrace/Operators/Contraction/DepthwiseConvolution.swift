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

    var shape: hr_taps_shape {
      if taps == 3 { return HR_TAPS_3 }
      let is3x3 = rows.kernel == 3 && columns.kernel == 3
      return is3x3 && columns.dilation == 1 && columns.stride <= 2 ? HR_TAPS_3X3 : HR_TAPS_ANY
    }

    /// Channels that do not fill a block of eight go with the block before.
    var split: WorkSplit {
      WorkSplit(
        rows: pictures &* rows.output, width: columns.output, blocks: max(1, outputChannels / 8),
        depth: taps, segmentWidth: 256)
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
    return DepthwiseSpans.scratchBytes(
      taps: geometry.taps, zeroBytes: geometry.inputChannels * op.input(0).pointee.elementBytes)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Geometry(op).split.parts(threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let geometry = Geometry(op)
    let split = geometry.split
    let x = op.input(0)
    let y = op.output()
    let table = memory.kernels.pointee.depthwise
    let kernel = x.pointee.isFloat ? table.f32 : x.pointee.isInt8 ? table.i8 : table.i16
    let sixteens = x.pointee.isInt8 ? table.sixteens_i8 : nil
    var work = work(op, memory, geometry)
    var spans = DepthwiseSpans(geometry.rows, geometry.columns, x.pointee, memory)
    let pictureBytes =
      geometry.rows.input &* geometry.columns.input &* geometry.inputChannels
      &* x.pointee.elementBytes
    let (segments, blocks) = split.ranges(part: part, of: parts)
    guard !blocks.isEmpty else { return }
    var row = hr_depthwise_row()
    row.spans = UnsafePointer(spans.spans)
    row.x = UnsafePointer(spans.pointers)
    row.steps = UnsafePointer(spans.steps)
    let firstChannel = UInt32(blocks.lowerBound &* 8)
    // The last block has the channels that do not fill one.
    row.end_channel =
      blocks.upperBound == split.blocks ? work.channels : UInt32(blocks.upperBound &* 8)
    row.y_step = geometry.outputChannels
    #if arch(x86_64)
    // Steps of 0 tell that a tap does not move: none may wrap to it.
    let takesRows =
      split.segmentsPerRow == 1
      && geometry.columns.stride &* geometry.inputChannels <= Int(UInt32.max)
    row.row_step = geometry.rows.stride &* geometry.columns.input &* geometry.inputChannels
    row.y_row_step = geometry.columns.output &* geometry.outputChannels
    #endif
    var segment = segments.lowerBound
    while segment < segments.upperBound {
      let (line, outputs) = split.place(segment: segment)
      let picture = line / geometry.rows.output
      spans.x = memory.read(x) + picture &* pictureBytes
      var lines = 1
      #if arch(x86_64)
      if takesRows {
        lines = geometry.rows.outputsInside(
          from: line &- picture &* geometry.rows.output,
          atMost: segments.upperBound &- segment)
      }
      row.row_count = UInt32(truncatingIfNeeded: lines)
      #endif
      var column = outputs.lowerBound
      while column < outputs.upperBound {
        let (count, listed) = spans.list(
          row: line &- picture &* geometry.rows.output, first: column, end: outputs.upperBound)
        let pixel = line &* geometry.columns.output &+ column
        row.span_count = UInt32(count)
        row.y =
          memory.write(y) + pixel &* geometry.outputChannels &* x.pointee.elementBytes
        row.first_channel = firstChannel
        if let sixteens { row.first_channel = sixteens(&work, &row) }
        if row.first_channel < row.end_channel { kernel?(&work, &row) }
        column &+= listed
      }
      segment &+= lines
    }
  }

  private static func work(
    _ op: OperatorView, _ memory: SessionMemory, _ geometry: Geometry
  ) -> hr_depthwise {
    let conv = op.parameters(hrm_conv.self)
    var work = hr_depthwise()
    work.weights = memory.read(op.input(1))
    work.weight_step = geometry.paddedChannels
    work.taps = UInt32(geometry.taps)
    work.shape = geometry.shape.rawValue
    work.stride = UInt32(geometry.columns.stride)
    work.channels = UInt32(geometry.outputChannels)
    work.depth_multiplier = UInt32(geometry.outputChannels / geometry.inputChannels)
    if let bias = op.optionalInput(2) { work.epilogue.bias = memory.read(bias) }
    if let requant = op.optionalInput(3) {
      let multipliers = memory.read(requant, as: Int32.self)
      work.epilogue.multipliers = multipliers
      work.epilogue.shifts = multipliers + requant.pointee[dim: 1]
    }
    work.epilogue.output_zero = op.output().pointee.zero_point
    work.epilogue.clamp_min = conv.clamp_min
    work.epilogue.clamp_max = conv.clamp_max
    return work
  }
}

#if arch(x86_64)
extension WindowAxis {
  /// Outputs from `first` on whose taps all lie inside the input, at most `limit`; but at least one.
  fileprivate func outputsInside(from first: Int, atMost limit: Int) -> Int {
    let end = min(first &+ limit, output)
    var next = first &+ 1
    guard isInside(outputs: first..<next) else { return 1 }
    while next < end && isInside(outputs: next..<next &+ 1) { next &+= 1 }
    return next &- first
  }
}
#endif
