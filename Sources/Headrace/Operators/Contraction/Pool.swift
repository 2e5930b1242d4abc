import CHeadrace

/// Maximum and average over windows of H and W.
enum Pool: Operator {
  static var name: StaticString { "pool2d" }

  static func verify(_ op: OperatorView) throws(Failure) {
    let (x, y) = try SumChecks.activations(op, inputs: 1...1)
    let pool = op.parameters(hrm_pool2d.self)
    try op.require(x.rank == 4 && y.rank == 4, "operands of a pool have rank 4")
    try op.require(
      x.batch == y.batch && x.channels == y.channels, "batches or channels differ")
    try SumChecks.checkClamps(op, y, pool.clamp_min, pool.clamp_max)
    let rows = try WindowAxis(
      op, input: x.height, output: y.height, kernel: Int(pool.kernel_h), stride: pool.stride_h,
      dilation: pool.dilation_h, padBefore: pool.pad_top, padAfter: pool.pad_bottom)
    let columns = try WindowAxis(
      op, input: x.width, output: y.width, kernel: Int(pool.kernel_w), stride: pool.stride_w,
      dilation: pool.dilation_w, padBefore: pool.pad_left, padAfter: pool.pad_right)
    try checkWindows(op, rows)
    try checkWindows(op, columns)
    switch pool.function {
    case Int32(HRM_MAX_POOL.rawValue):
      try op.require(x.zero_point == y.zero_point, "a maximum cannot change the zero point")
    case Int32(HRM_AVERAGE_POOL.rawValue):
      try op.require(
        pool.dilation_h == 1 && pool.dilation_w == 1, "an average's window is dilated")
      if !x.isFloat { try checkAverage(op, x, pool) }
    default: throw op.bad("an unknown kind of pool")
    }
  }

  /// Every window has an element to take. Those that begin inside have; others are no more than there is padding.
  private static func checkWindows(_ op: OperatorView, _ axis: WindowAxis) throws(Failure) {
    let inside = axis.outputsInside(0 &- axis.padBefore, count: axis.output)
    for index in 0..<axis.output &- inside.count {
      let output = index < inside.lowerBound ? index : index &+ inside.count
      try op.require(
        !axis.tapsInside(output: output).isEmpty, "a window lies in the padding altogether")
    }
  }

  /// No step of a fixed-point average leaves 63 bits.
  private static func checkAverage(
    _ op: OperatorView, _ x: hrm_tensor, _ pool: hrm_pool2d
  ) throws(Failure) {
    try op.require(
      SumChecks.isRequantization(pool.multiplier, pool.shift, x),
      "a multiplier or shift is out of range")
    let taps = Int64(pool.kernel_h) * Int64(pool.kernel_w)
    try op.require(
      taps <= (x.isInt8 ? 1 << 23 : 1 << 31) && taps <= (Int64(1) << 62) >> Int64(pool.shift - 1),
      "a sum could overflow")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int { split(op).parts(threads: threads) }

  private static func split(_ op: OperatorView) -> WorkSplit {
    let y = op.output().pointee
    let pool = op.parameters(hrm_pool2d.self)
    return WorkSplit(
      rows: y.batch &* y.height, width: y.width, blocks: (y.channels &+ 7) / 8,
      depth: Int(clamping: Int64(pool.kernel_h) * Int64(pool.kernel_w)), segmentWidth: 64)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0)
    let y = op.output()
    let pool = op.parameters(hrm_pool2d.self)
    let rows = WindowAxis(
      x.pointee.height, y.pointee.height, Int(pool.kernel_h), pool.stride_h, pool.dilation_h,
      pool.pad_top)
    let columns = WindowAxis(
      x.pointee.width, y.pointee.width, Int(pool.kernel_w), pool.stride_w, pool.dilation_w,
      pool.pad_left)
    let elementBytes = x.pointee.elementBytes
    let channels = x.pointee.channels
    let kernel = kernel(pool, x.pointee, memory.kernels.pointee.contraction)
    let split = split(op)
    let (segments, blocks) = split.ranges(part: part, of: parts)
    let firstChannel = blocks.lowerBound &* 8
    let endChannel = min(blocks.upperBound &* 8, channels)
    guard firstChannel < endChannel else { return }

    var window = hr_pool_window()
    window.row_step = rows.dilation &* columns.input &* channels
    window.column_step = columns.dilation &* channels
    window.channels = UInt32(endChannel &- firstChannel)
    window.x_zero = x.pointee.zero_point
    window.y_zero = y.pointee.zero_point
    window.multiplier = pool.multiplier
    window.shift = pool.shift
    window.clamp_min = pool.clamp_min
    window.clamp_max = pool.clamp_max
    let (source, target) = (memory.read(x), memory.write(y))
    for segment in segments {
      let (row, outputColumns) = split.place(segment: segment)
      let picture = row / rows.output
      let outputRow = row &- picture &* rows.output
      let rowTaps = rows.tapsInside(output: outputRow)
      let firstRow =
        outputRow &* rows.stride &+ rowTaps.lowerBound &* rows.dilation &- rows.padBefore
      for column in outputColumns {
        let taps = columns.tapsInside(output: column)
        let firstColumn =
          column &* columns.stride &+ taps.lowerBound &* columns.dilation &- columns.padBefore
        let pixel = (picture &* rows.input &+ firstRow) &* columns.input &+ firstColumn
        window.x = source + (pixel &* channels &+ firstChannel) &* elementBytes
        window.rows = UInt32(rowTaps.count)
        window.columns = UInt32(taps.count)
        window.count =
          pool.count_include_pad != 0
          ? UInt32(rows.kernel) &* UInt32(columns.kernel) : window.rows &* window.columns
        let output = (row &* columns.output &+ column) &* channels &+ firstChannel
        window.y = target + output &* elementBytes
        kernel(&window)
      }
    }
  }

  private static func kernel(
    _ pool: hrm_pool2d, _ x: hrm_tensor, _ table: hr_contraction_kernels
  ) -> hr_pool_kernel {
    pool.function == Int32(HRM_MAX_POOL.rawValue)
      ? (x.isFloat ? table.max_pool_f32 : x.isInt8 ? table.max_pool_i8 : table.max_pool_i16)
      : (x.isFloat
        ? table.average_pool_f32 : x.isInt8 ? table.average_pool_i8 : table.average_pool_i16)
  }
}
