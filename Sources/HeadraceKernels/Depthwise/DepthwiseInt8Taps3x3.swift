import CHeadrace

/// The weights of a 3x3 kernel: the first two rows in pairs, column by column, and the last row.
private struct Weights {
  let column0: hr_pair_i8
  let column1: hr_pair_i8
  let column2: hr_pair_i8
  let lastRow: TripleInt8

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    column0 = hr_load_pair_i8(weights, weights + 3 &* step)
    column1 = hr_load_pair_i8(weights + step, weights + 4 &* step)
    column2 = hr_load_pair_i8(weights + 2 &* step, weights + 5 &* step)
    lastRow = TripleInt8(weights + 6 &* step, step)
  }

  /// Sums of the first two rows, of three columns of pairs.
  @inline(__always)
  func firstRows(
    _ sums: SIMD8<Int32>, _ x0: hr_pair_i8, _ x1: hr_pair_i8, _ x2: hr_pair_i8
  ) -> SIMD8<Int32> {
    hr_mac_pair_i8(hr_mac_pair_i8(hr_mac_pair_i8(sums, column0, x0), column1, x1), column2, x2)
  }
}

/// Where the three rows of an output begin, and how far their columns are from each other: nowhere in
/// a row of the padding.
private struct Rows {
  var row0: UnsafePointer<Int8>
  var row1: UnsafePointer<Int8>
  var row2: UnsafePointer<Int8>
  let column0: Int
  let column1: Int
  let column2: Int

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Int8>) {
    row0 = span.tap(0)
    row1 = span.tap(3)
    row2 = span.tap(6)
    column0 = span.column(row: 0)
    column1 = span.column(row: 1)
    column2 = span.column(row: 2)
  }

  /// A column of the first two rows.
  @inline(__always)
  func pair(_ column: Int) -> hr_pair_i8 {
    hr_load_pair_i8(row0 + column &* column0, row1 + column &* column1)
  }

  /// Two columns of the last row.
  @inline(__always)
  func last(_ first: Int, _ second: Int) -> hr_pair_i8 {
    hr_load_pair_i8(row2 + first &* column2, row2 + second &* column2)
  }

  @inline(__always)
  mutating func advance(_ columns: Int) {
    row0 += columns &* column0
    row1 += columns &* column1
    row2 += columns &* column2
  }
}

/// 3x3, stride 1 or 2: int8, two outputs by eight channels at a time, which share the columns between
/// them.
@inline(__always)
func depthwiseInt8Taps3x3(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Int8>,
  _ epilogue: EpilogueInt8
) {
  let weights = Weights(weights, work.weight_step)
  let step = row.y_step
  row.forEachSpan(work, channel, Int8.self) { span, y in
    var y = y
    var pixel = 0
    if span.isInside {
      var rows = Rows(span)
      /// Of an odd number of outputs the last but one is computed again with the last.
      @inline(__always)
      func stepBack(_ columns: Int) {
        rows.advance(0 &- columns)
        y -= step
        pixel &-= 1
      }
      if work.stride == 1 {
        while pixel < span.pixels && span.pixels >= 2 {
          if pixel &+ 2 > span.pixels { stepBack(1) }
          let x1 = rows.pair(1)
          let x2 = rows.pair(2)
          let last01 = rows.last(0, 1)
          let last23 = rows.last(2, 3)
          let even = weights.firstRows(epilogue.bias, rows.pair(0), x1, x2)
          let odd = weights.firstRows(epilogue.bias, x1, x2, rows.pair(3))
          epilogue.storeSmall(
            weights.lastRow.even(even, last01, last23), weights.lastRow.odd(odd, last01, last23), y,
            y + step)
          rows.advance(2)
          y += 2 &* step
          pixel &+= 2
        }
      } else {
        while pixel < span.pixels && span.pixels >= 2 {
          if pixel &+ 2 > span.pixels { stepBack(2) }
          let x2 = rows.pair(2)
          let last23 = rows.last(2, 3)
          let first = weights.firstRows(epilogue.bias, rows.pair(0), rows.pair(1), x2)
          let second = weights.firstRows(epilogue.bias, x2, rows.pair(3), rows.pair(4))
          let firstSums = weights.lastRow.even(first, rows.last(0, 1), last23)
          let secondSums = weights.lastRow.even(second, last23, rows.last(4, 4))
          epilogue.storeSmall(firstSums, secondSums, y, y + step)
          rows.advance(4)
          y += 2 &* step
          pixel &+= 2
        }
      }
    }
    while pixel < span.pixels {
      let sums = weights.firstRows(
        epilogue.bias, hr_load_pair_i8(span.tap(0, pixel: pixel), span.tap(3, pixel: pixel)),
        hr_load_pair_i8(span.tap(1, pixel: pixel), span.tap(4, pixel: pixel)),
        hr_load_pair_i8(span.tap(2, pixel: pixel), span.tap(5, pixel: pixel)))
      let last2 = span.tap(8, pixel: pixel)
      let all = weights.lastRow.even(
        sums,
        hr_load_pair_i8(span.tap(6, pixel: pixel), span.tap(7, pixel: pixel)),
        hr_load_pair_i8(last2, last2))
      store8(epilogue.small(all), y, 8)
      y += step
      pixel &+= 1
    }
  }
}
