import CHeadrace

/// Converts, scales and fits a frame in the stack's memory alone.
///
/// The target is done in strips of columns: a strip's taps are worked out once and then serve every
/// row. A target row gathers its source rows into one sum a column, weighs and adds those, and
/// divides by the total weight. Rows that it covers as a whole are added up before they are gathered. The sums of
/// two source rows are kept: neighbouring target rows share one or both. Sums are of what the format has, and
/// exact; the only rounding is that of the division. YUV is divided into units of 1/32 and becomes RGB after that,
/// once for each target pixel: a matrix may be applied to a sum as well as to what is summed, but for what it
/// makes of colours that RGB does not have.
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
    let columns = Int(memory.taps[0].first)..<memory.taps[count &- 1].end
    let weight = UInt64(fit.columns.total) &* UInt64(fit.rows.total)
    let fraction: UInt64 = frame.isYUV ? 5 : 0
    let reciprocal = (1 &<< 55) / weight &+ 1
    var gathered = (even: -1, odd: -1)
    for y in 0..<fit.height {
      let rows = fit.rows.taps(y)
      memory.totals.update(repeating: 0, count: count &* 3)
      var row = Int(rows.first)
      while row < rows.end {
        let weight = rows.weight(row)
        var end = row &+ 1
        if weight == rows.inner_weight {
          // Rows may lie so far apart that a cache holds few of them at once. Of 256, sums would still fit 16 bits,
          // and what is gathered 32.
          let most = min(rows.end, row &+ 32)
          while end < most && rows.weight(end) == weight { end &+= 1 }
        }
        let isOdd = row & 1 == 1
        let sums = memory.sums(ofOdd: isOdd)
        let kept = end == row &+ 1 ? row : -1
        if kept < 0 || kept != (isOdd ? gathered.odd : gathered.even) {
          gather(row..<end, columns, count, memory, into: sums)
          if isOdd { gathered.odd = kept } else { gathered.even = kept }
        }
        kernels.pointee.frame.accumulate(sums, weight, count &* 3, memory.totals)
        row = end
      }
      kernels.pointee.frame.mean(
        memory.totals, count, weight &>> (fraction &+ 1), reciprocal, 55 &- fraction, memory.planes)
      frame.pack(count, memory, kernels)
      sink.write(memory.strip, row: fit.top &+ y, column: fit.left &+ column, count: count)
    }
  }

  /// One sum a column and channel over pixels of some source rows.
  private func gather(
    _ rows: Range<Int>, _ columns: Range<Int>, _ count: Int, _ memory: StripMemory,
    into sums: UnsafeMutablePointer<UInt32>
  ) {
    // Pairs of pixels may share their chroma.
    var x = columns.lowerBound & -2
    while x < columns.upperBound {
      let length = min(StripMemory.runPixels, columns.upperBound &- x)
      let pixels = frame.sum(rows, from: x, count: length, memory, kernels)
      kernels.pointee.frame.gather(
        pixels, frame.sumStep, Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: length),
        memory.taps, count, sums)
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
