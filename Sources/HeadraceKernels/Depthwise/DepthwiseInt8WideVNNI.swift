import CHeadrace

#if HEADRACE_VNNI

/// Depthwise convolution with three taps or 3x3: int8, sixteen channels of four outputs at a time. Three taps
/// of a channel, a column of the kernel, are a quad of a dot product.
func depthwiseInt8Wide(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  if row.isGrouped(work), row.taps3x3Grouped(work) { return }
  let end = Int(row.end_channel)
  let width = end &- Int(row.first_channel)
  guard width >= 16, work.shape != HR_TAPS_ANY.rawValue, row.readsContiguously(work) else {
    return depthwiseInt8(work, row)
  }
  var channel = Int(row.first_channel)
  while work.shape == HR_TAPS_3.rawValue, end &- channel >= 64, row.taps3x64(work, channel) {
    channel &+= 64
  }
  while work.shape == HR_TAPS_3X3.rawValue, end &- channel >= 64, row.taps3x3x64(work, channel) {
    channel &+= 64
  }
  while channel < end {
    // Channels that do not fill a block go with some of the one before.
    let first = min(channel, end &- 16)
    if work.shape == HR_TAPS_3.rawValue {
      let taps = WideTaps(work, channel: first, columns: 1)
      row.forEachSpan(work, first, Int8.self) { span, y in
        taps.taps3(span, y, step: row.y_step)
      }
    } else {
      let taps = WideTaps(work, channel: first, columns: 3)
      row.forEachSpan(work, first, Int8.self) { span, y in
        let rest = span.isInside ? taps.taps3x3(span, y, work.stride, step: row.y_step) : 0
        taps.taps3x3(border: span, y, from: rest, step: row.y_step)
      }
    }
    channel &+= 16
  }
}

/// Weights of sixteen channels, column by column, and what is done to their sums.
struct WideTaps {
  private let column0: SIMD16<Int32>
  private let column1: SIMD16<Int32>
  private let column2: SIMD16<Int32>
  private let begin: SIMD16<Int32>
  private let epilogue: WideEpilogueInt8

  @inline(__always)
  init(_ work: hr_depthwise, channel: Int, columns: Int) {
    let step = work.weight_step
    let w = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    epilogue = WideEpilogueInt8(work.epilogue, channel: channel, second: channel &+ 8)
    if columns == 1 {
      column0 = hr_taps_x16(w, w + step, w + 2 &* step)
      column1 = .zero
      column2 = .zero
      begin = hr_less_weights_x16(epilogue.bias, column0)
    } else {
      column0 = hr_taps_x16(w, w + 3 &* step, w + 6 &* step)
      column1 = hr_taps_x16(w + step, w + 4 &* step, w + 7 &* step)
      column2 = hr_taps_x16(w + 2 &* step, w + 5 &* step, w + 8 &* step)
      begin = hr_less_weights_x16(
        hr_less_weights_x16(hr_less_weights_x16(epilogue.bias, column0), column1), column2)
    }
  }

  @inline(__always)
  private func sum(
    _ x0: SIMD16<Int32>, _ x1: SIMD16<Int32>, _ x2: SIMD16<Int32>
  ) -> SIMD16<Int32> {
    hr_mac_taps_x16(
      hr_mac_taps_x16(hr_mac_taps_x16(begin, column0, x0), column1, x1), column2, x2)
  }

  @inline(__always)
  private func store(
    _ sums: WideSums4, _ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int
  ) {
    storeRows(epilogue(sums), y, step: step, pixels: pixels, channels: 16)
  }

  /// Three taps, whatever their distance.
  @inline(__always)
  func taps3(_ span: hr_depthwise_row.Span<Int8>, _ y: UnsafeMutablePointer<Int8>, step: Int) {
    var x = WideColumns(
      span.tap(0), span.tap(1), span.tap(2), Int(span.steps[0]), Int(span.steps[1]),
      Int(span.steps[2]))
    var pixel = 0
    while pixel &+ 4 <= span.pixels {
      let first = hr_mac_taps_x16(begin, column0, x.next())
      let second = hr_mac_taps_x16(begin, column0, x.next())
      let third = hr_mac_taps_x16(begin, column0, x.next())
      let sums = WideSums4(first, second, third, hr_mac_taps_x16(begin, column0, x.next()))
      store(sums, y + pixel &* step, step: step, pixels: 4)
      pixel &+= 4
    }
    while pixel < span.pixels {
      let sums = hr_mac_taps_x16(begin, column0, x.next())
      store(WideSums4(repeating: sums), y + pixel &* step, step: step, pixels: 1)
      pixel &+= 1
    }
  }

  /// 3x3 where all columns lie inside, in fours; returns how many outputs were done.
  @inline(__always)
  func taps3x3(
    _ span: hr_depthwise_row.Span<Int8>, _ y: UnsafeMutablePointer<Int8>, _ stride: UInt32,
    step: Int
  ) -> Int {
    var x = WideColumns(span)
    var pixel = 0
    if stride == 1 {
      guard span.pixels >= 4 else { return 0 }
      var x0 = x.next()
      var x1 = x.next()
      while pixel &+ 4 <= span.pixels {
        let x2 = x.next()
        let x3 = x.next()
        let x4 = x.next()
        let x5 = x.next()
        let sums = WideSums4(sum(x0, x1, x2), sum(x1, x2, x3), sum(x2, x3, x4), sum(x3, x4, x5))
        store(sums, y + pixel &* step, step: step, pixels: 4)
        x0 = x4
        x1 = x5
        pixel &+= 4
      }
    } else {
      guard span.pixels >= 4 else { return 0 }
      var x0 = x.next()
      while pixel &+ 4 <= span.pixels {
        let x1 = x.next()
        let x2 = x.next()
        let first = sum(x0, x1, x2)
        let x3 = x.next()
        let x4 = x.next()
        let second = sum(x2, x3, x4)
        let x5 = x.next()
        let x6 = x.next()
        let third = sum(x4, x5, x6)
        let x7 = x.next()
        x0 = x.next()
        let sums = WideSums4(first, second, third, sum(x6, x7, x0))
        store(sums, y + pixel &* step, step: step, pixels: 4)
        pixel &+= 4
      }
    }
    return pixel
  }

  /// 3x3, one output at a time, from output `first` of the span on.
  @inline(__always)
  func taps3x3(
    border span: hr_depthwise_row.Span<Int8>, _ y: UnsafeMutablePointer<Int8>, from first: Int,
    step: Int
  ) {
    var pixel = first
    while pixel < span.pixels {
      @inline(__always)
      func column(_ column: Int) -> SIMD16<Int32> {
        var x = WideColumns(
          span.tap(column, pixel: pixel), span.tap(column &+ 3, pixel: pixel),
          span.tap(column &+ 6, pixel: pixel), 0, 0, 0)
        return x.next()
      }
      let sums = WideSums4(repeating: sum(column(0), column(1), column(2)))
      store(sums, y + pixel &* step, step: step, pixels: 1)
      pixel &+= 1
    }
  }
}

/// Columns of three rows, one after the other. Rows in the padding stay where they are.
private struct WideColumns {
  private var row0: UnsafePointer<Int8>?
  private var row1: UnsafePointer<Int8>?
  private var row2: UnsafePointer<Int8>?
  private let step0: Int
  private let step1: Int
  private let step2: Int

  @inline(__always)
  init(
    _ row0: UnsafePointer<Int8>, _ row1: UnsafePointer<Int8>, _ row2: UnsafePointer<Int8>,
    _ step0: Int, _ step1: Int, _ step2: Int
  ) {
    self.row0 = row0
    self.row1 = row1
    self.row2 = row2
    self.step0 = step0
    self.step1 = step1
    self.step2 = step2
  }

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>) {
    self.init(
      span.tap(0), span.tap(3), span.tap(6), span.column(row: 0), span.column(row: 1),
      span.column(row: 2))
  }

  @inline(__always)
  mutating func next() -> SIMD16<Int32> {
    hr_take_taps_x16(&row0, &row1, &row2, step0, step1, step2)
  }
}

#endif
