import CHeadrace

#if HEADRACE_VNNI

extension hr_depthwise_row {
  /// 3x3 of the 64 channels from `channel` on; false if their factors are not small, and nothing was done.
  @inline(never)
  func taps3x3x64(_ work: hr_depthwise, _ channel: Int) -> Bool {
    let kernel = KernelQuads(work, channel)
    guard kernel.isSmall else { return false }
    forEachSpan(work, channel, Int8.self) { span, y in
      var pixel = 0
      if span.isInside && span.pixels >= 2 {
        var columns = ColumnQuads(span)
        var x0 = columns.next()
        if work.stride == 1 {
          var x1 = columns.next()
          while pixel &+ 2 <= span.pixels {
            let x2 = columns.next()
            let x3 = columns.next()
            let target = y + pixel &* y_step
            kernel.store(x0, x1, x2, x3, target, target + y_step)
            x0 = x2
            x1 = x3
            pixel &+= 2
          }
        } else {
          while pixel < span.pixels {
            let x1 = columns.next()
            let x2 = columns.next()
            kernel.store(x0, x1, x2, y + pixel &* y_step)
            x0 = x2
            pixel &+= 1
          }
        }
      }
      while pixel < span.pixels {
        kernel.store(
          Quads(span, column: 0, pixel), Quads(span, column: 1, pixel),
          Quads(span, column: 2, pixel), y + pixel &* y_step)
        pixel &+= 1
      }
    }
    return true
  }
}

extension Quads {
  /// A column of the window of an output, as often as its channels make 64.
  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>, column: Int, _ pixel: Int, width: Int = 64) {
    let tap2 = hr_repeat_unsigned_x64(span.tap(column &+ 6, pixel: pixel), width)
    self.init(
      hr_repeat_unsigned_x64(span.tap(column, pixel: pixel), width),
      hr_repeat_unsigned_x64(span.tap(column &+ 3, pixel: pixel), width), tap2, last: tap2)
  }
}

/// Columns of three rows, one after the other.
private struct ColumnQuads {
  private let columns: RowQuads
  private var column = 0

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>) { columns = RowQuads(span) }

  @inline(__always)
  mutating func next() -> Quads {
    column &+= 1
    return columns[column &- 1]
  }
}

/// 64 bytes of each of three rows from a column on. Rows in the padding stay where they are.
struct RowQuads {
  private let row0: UnsafePointer<Int8>
  private let row1: UnsafePointer<Int8>
  private let row2: UnsafePointer<Int8>
  private let step0: Int
  private let step1: Int
  private let step2: Int

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>) {
    (row0, row1, row2) = (span.tap(0), span.tap(3), span.tap(6))
    (step0, step1, step2) = (span.column(row: 0), span.column(row: 1), span.column(row: 2))
  }

  @inline(__always)
  subscript(column: Int) -> Quads {
    // The last byte is any: its weight is 0.
    let tap2 = hr_load_unsigned_x64(row2 + column &* step2)
    return Quads(
      hr_load_unsigned_x64(row0 + column &* step0), hr_load_unsigned_x64(row1 + column &* step1),
      tap2, last: tap2)
  }
}

/// What a kernel makes of columns, four channels of each sixteen at a time.
struct KernelQuads {
  private let quads0: WindowQuads
  private let quads1: WindowQuads
  private let quads2: WindowQuads
  private let quads3: WindowQuads
  private let zero: Int32
  private let low: Int32
  private let high: Int32

  var isSmall: Bool { quads0.isSmall && quads1.isSmall && quads2.isSmall && quads3.isSmall }

  /// For the channels from `channel` on: 64, or a `width` that divides it and as often as they make so many.
  @inline(__always)
  init(_ work: hr_depthwise, _ channel: Int, width: Int = 64) {
    let step = work.weight_step
    let w = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    @inline(__always)
    func column(_ first: Int) -> Quads {
      Quads(
        hr_repeat_x64(w + first &* step, width), hr_repeat_x64(w + (first &+ 3) &* step, width),
        hr_repeat_x64(w + (first &+ 6) &* step, width), last: .zero)
    }
    let column0 = column(0)
    let column1 = column(1)
    let column2 = column(2)
    let epilogue = work.epilogue
    @inline(__always)
    func quads(
      _ first: Int, _ column0: SIMD16<Int32>, _ column1: SIMD16<Int32>, _ column2: SIMD16<Int32>
    ) -> WindowQuads {
      let first = channel &+ (first & (width &- 1))
      return WindowQuads(epilogue, first, width, column0, column1, column2)
    }
    quads0 = quads(0, column0.v0, column1.v0, column2.v0)
    quads1 = quads(4, column0.v1, column1.v1, column2.v1)
    quads2 = quads(8, column0.v2, column1.v2, column2.v2)
    quads3 = quads(12, column0.v3, column1.v3, column2.v3)
    zero = epilogue.output_zero
    low = epilogue.clamp_min
    high = epilogue.clamp_max
  }

  @inline(__always)
  func callAsFunction(_ x0: Quads, _ x1: Quads, _ x2: Quads) -> SIMD64<Int8> {
    hr_narrow_clamped_x16(
      quads0(x0.v0, x1.v0, x2.v0), quads1(x0.v1, x1.v1, x2.v1), quads2(x0.v2, x1.v2, x2.v2),
      quads3(x0.v3, x1.v3, x2.v3), zero, low, high)
  }

  @inline(__always)
  func store(_ x0: Quads, _ x1: Quads, _ x2: Quads, _ y: UnsafeMutablePointer<Int8>) {
    hr_store_rows(self(x0, x1, x2), y)
  }

  /// Two outputs, which weights are read once for.
  @inline(__always)
  func store(
    _ x0: Quads, _ x1: Quads, _ x2: Quads, _ x3: Quads, _ y: UnsafeMutablePointer<Int8>,
    _ next: UnsafeMutablePointer<Int8>
  ) {
    let (a0, b0) = (quads0(x0.v0, x1.v0, x2.v0), quads0(x1.v0, x2.v0, x3.v0))
    let (a1, b1) = (quads1(x0.v1, x1.v1, x2.v1), quads1(x1.v1, x2.v1, x3.v1))
    let (a2, b2) = (quads2(x0.v2, x1.v2, x2.v2), quads2(x1.v2, x2.v2, x3.v2))
    let (a3, b3) = (quads3(x0.v3, x1.v3, x2.v3), quads3(x1.v3, x2.v3, x3.v3))
    hr_store_rows(hr_narrow_clamped_x16(a0, a1, a2, a3, zero, low, high), y)
    hr_store_rows(hr_narrow_clamped_x16(b0, b1, b2, b3, zero, low, high), next)
  }
}

/// Weights of four channels of each sixteen, column by column, and what is done to their sums.
private struct WindowQuads {
  private let column0: SIMD16<Int32>
  private let column1: SIMD16<Int32>
  private let column2: SIMD16<Int32>
  private let begin: SIMD16<Int32>
  private let requant: WideRequant

  var isSmall: Bool { requant.isSmall }

  @inline(__always)
  init(
    _ epilogue: hr_epilogue, _ channel: Int, _ width: Int, _ column0: SIMD16<Int32>,
    _ column1: SIMD16<Int32>, _ column2: SIMD16<Int32>
  ) {
    (self.column0, self.column1, self.column2) = (column0, column1, column2)
    let biases = epilogue.bias?.assumingMemoryBound(to: Int32.self)
    let bias = biases.map { hr_every_fourth_x16($0 + channel, width) } ?? .zero
    begin = hr_less_weights_x16(
      hr_less_weights_x16(hr_less_weights_x16(bias, column0), column1), column2)
    requant = WideRequant(
      hr_every_fourth_x16(epilogue.multipliers.unsafelyUnwrapped + channel, width),
      hr_every_fourth_x16(epilogue.shifts.unsafelyUnwrapped + channel, width))
  }

  /// Halves of results (see vnni.h).
  @inline(__always)
  func callAsFunction(
    _ x0: SIMD16<Int32>, _ x1: SIMD16<Int32>, _ x2: SIMD16<Int32>
  ) -> SIMD16<Int32> {
    requant.small(
      hr_mac_taps_x16(
        hr_mac_taps_x16(hr_mac_taps_x16(begin, column0, x0), column1, x1), column2, x2))
  }
}

#endif
