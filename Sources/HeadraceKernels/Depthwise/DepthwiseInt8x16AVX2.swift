import CHeadrace

#if HEADRACE_AVX2

extension hr_depthwise_row {
  /// Three taps or 3x3 of the sixteen channels from `channel` on; false if their factors are not small, and nothing
  /// was done.
  @inline(never)
  func sumSixteen(_ work: hr_depthwise, _ channel: Int) -> Bool {
    guard let epilogue = SixteenChannels(work.epilogue, channel) else { return false }
    let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    if work.shape == HR_TAPS_3.rawValue {
      let kernel = SixteenTriples(weights, work.weight_step)
      forEachSpan(work, channel, Int8.self) { span, y in
        sumTriples(kernel, epilogue, span, y)
      }
    } else {
      let kernel = SixteenWindows(weights, work.weight_step)
      forEachSpan(work, channel, Int8.self) { span, y in
        var done = 0
        if span.isInside {
          done =
            work.stride == 1
            ? sumSides(kernel, epilogue, span, y) : sumApart(kernel, epilogue, span, y)
        }
        for pixel in done..<span.pixels {
          epilogue.store(kernel.sums(epilogue.bias, span, pixel), y + pixel &* y_step)
        }
      }
    }
    return true
  }

  /// Three taps, whatever their distance, two outputs at a time.
  @inline(__always)
  private func sumTriples(
    _ kernel: SixteenTriples, _ epilogue: SixteenChannels, _ span: Span<Int8>,
    _ y: UnsafeMutablePointer<Int8>
  ) {
    var (x0, x1, x2) = (span.tap(0), span.tap(1), span.tap(2))
    let (step0, step1, step2) = (Int(span.steps[0]), Int(span.steps[1]), Int(span.steps[2]))
    @inline(__always)
    func next() -> SIMD16<Int32> {
      let sums = kernel.even(
        epilogue.bias, hr_load_pairs_i8x16(x0, x1), hr_load_first_i8x16(x2))
      x0 += step0
      x1 += step1
      x2 += step2
      return sums
    }
    var y = y
    for _ in 0..<span.pixels / 2 {
      let first = next()
      epilogue.store(first, next(), y, y + y_step)
      y += 2 &* y_step
    }
    if span.pixels % 2 != 0 { epilogue.store(next(), y) }
  }

  /// 3x3 with stride 1, two outputs at a time; returns how many were done.
  @inline(__always)
  private func sumSides(
    _ kernel: SixteenWindows, _ epilogue: SixteenChannels, _ span: Span<Int8>,
    _ y: UnsafeMutablePointer<Int8>
  ) -> Int {
    var rows = SixteenRows(span)
    var pixel = 0
    while pixel &+ 2 <= span.pixels {
      let (x1, x2) = (rows.pairs(1), rows.pairs(2))
      let (last01, last23) = (rows.last(0, 1), rows.last(2, 3))
      let even = kernel.lastRow.even(
        kernel.firstRows(epilogue.bias, rows.pairs(0), x1, x2), last01, last23)
      let odd = kernel.lastRow.odd(
        kernel.firstRows(epilogue.bias, x1, x2, rows.pairs(3)), last01, last23)
      epilogue.store(even, odd, y + pixel &* y_step, y + (pixel &+ 1) &* y_step)
      rows.advance(2)
      pixel &+= 2
    }
    return pixel
  }

  /// The same with stride 2.
  @inline(__always)
  private func sumApart(
    _ kernel: SixteenWindows, _ epilogue: SixteenChannels, _ span: Span<Int8>,
    _ y: UnsafeMutablePointer<Int8>
  ) -> Int {
    var rows = SixteenRows(span)
    var pixel = 0
    while pixel &+ 2 <= span.pixels {
      let x2 = rows.pairs(2)
      let last23 = rows.last(2, 3)
      let first = kernel.lastRow.even(
        kernel.firstRows(epilogue.bias, rows.pairs(0), rows.pairs(1), x2), rows.last(0, 1), last23)
      let second = kernel.lastRow.even(
        kernel.firstRows(epilogue.bias, x2, rows.pairs(3), rows.pairs(4)), last23, rows.last(4, 4))
      epilogue.store(first, second, y + pixel &* y_step, y + (pixel &+ 1) &* y_step)
      rows.advance(4)
      pixel &+= 2
    }
    return pixel
  }
}

/// Where the three rows of an output begin, and how far their columns are from each other: nowhere in a row of the
/// padding.
private struct SixteenRows {
  private var row0: UnsafePointer<Int8>
  private var row1: UnsafePointer<Int8>
  private var row2: UnsafePointer<Int8>
  private let column0: Int
  private let column1: Int
  private let column2: Int

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>) {
    (row0, row1, row2) = (span.tap(0), span.tap(3), span.tap(6))
    (column0, column1, column2) = (span.column(row: 0), span.column(row: 1), span.column(row: 2))
  }

  /// A column of the first two rows.
  @inline(__always)
  func pairs(_ column: Int) -> hr_pairs_i8x16 {
    hr_load_pairs_i8x16(row0 + column &* column0, row1 + column &* column1)
  }

  /// Two columns of the last row.
  @inline(__always)
  func last(_ first: Int, _ second: Int) -> hr_pairs_i8x16 {
    hr_load_pairs_i8x16(row2 + first &* column2, row2 + second &* column2)
  }

  @inline(__always)
  mutating func advance(_ columns: Int) {
    row0 += columns &* column0
    row1 += columns &* column1
    row2 += columns &* column2
  }
}

#endif
