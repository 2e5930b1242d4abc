import CHeadrace

/// Converts, scales and fits a frame in the stack's memory alone.
///
/// The target is done in strips of columns: a strip's taps are worked out once and then serve every
/// row. A target row gathers each of its source rows into one sum a column, weighs and adds those, and
/// divides by the total weight. The sums of two source rows are kept: neighbouring target rows share
/// one or both. Source pixels that are not RGB24 are converted on the way, a run at a
/// time. Sums are exact; the only rounding is that of the division.
struct FrameScaler {
  let frame: FrameView
  let fit: FrameFit
  let kernels: UnsafePointer<hr_kernels>

  func write(to sink: PixelSink) {
    StripMemory.withMemory { memory in
      pad(to: sink, memory)
      var column = 0
      while column < fit.width {
        let count = min(StripMemory.columns, fit.width &- column)
        writeStrip(column, count, to: sink, memory)
        column &+= count
      }
    }
  }

  private func writeStrip(
    _ column: Int, _ count: Int, to sink: PixelSink, _ memory: StripMemory
  ) {
    for i in 0..<count { memory.taps[i] = fit.columns.taps(column &+ i) }
    let first = Int(memory.taps[0].first)
    let end = memory.taps[count &- 1].end
    let weight = UInt64(fit.columns.total) &* UInt64(fit.rows.total)
    let reciprocal = (1 &<< 55) / weight &+ 1
    var gathered = (even: -1, odd: -1)
    for y in 0..<fit.height {
      let rows = fit.rows.taps(y)
      memory.totals.update(repeating: 0, count: count &* 3)
      for row in Int(rows.first)..<rows.end {
        let isOdd = row & 1 == 1
        let sums = memory.sums(ofOdd: isOdd)
        if row != (isOdd ? gathered.odd : gathered.even) {
          gather(row, first, end, count, memory, into: sums)
          if isOdd { gathered.odd = row } else { gathered.even = row }
        }
        kernels.pointee.frame.accumulate(sums, rows.weight(row), count &* 3, memory.totals)
      }
      kernels.pointee.frame.mean(memory.totals, count &* 3, weight / 2, reciprocal, memory.strip)
      sink.write(memory.strip, row: fit.top &+ y, column: fit.left &+ column, count: count)
    }
  }

  /// One sum a column and channel over pixels first ..< end of source row `row`.
  private func gather(
    _ row: Int, _ first: Int, _ end: Int, _ count: Int, _ memory: StripMemory,
    into sums: UnsafeMutablePointer<UInt32>
  ) {
    if let pixels = frame.rgbRow(row) {
      kernels.pointee.frame.gather(
        pixels + first &* 3, Int32(truncatingIfNeeded: first),
        Int32(truncatingIfNeeded: end &- first), memory.taps, count, sums)
      return
    }
    var x = first
    while x < end {
      let length = min(StripMemory.runPixels, end &- x)
      frame.convert(row: row, from: x, count: length, to: memory.run, kernels)
      kernels.pointee.frame.gather(
        memory.run, Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: length), memory.taps,
        count, sums)
      x &+= length
    }
  }

  /// Fills what the frame leaves of the target.
  private func pad(to sink: PixelSink, _ memory: StripMemory) {
    memory.strip.update(repeating: FrameFit.padding, count: StripMemory.columns &* 3)
    for row in 0..<fit.targetHeight {
      let isBeside = row < fit.top || row >= fit.top &+ fit.height
      var column = 0
      while column < fit.targetWidth {
        if !isBeside && column == fit.left { column = fit.left &+ fit.width }
        let end = !isBeside && column < fit.left ? fit.left : fit.targetWidth
        let count = min(StripMemory.columns, end &- column)
        if count > 0 { sink.write(memory.strip, row: row, column: column, count: count) }
        column &+= max(count, 1)
      }
    }
  }
}
