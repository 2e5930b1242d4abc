import CHeadrace

/// The weights of a 3x3 kernel: the first two rows in pairs, column by column, and the last row.
private struct Weights<Channels: ChannelsInt8> {
  let column0: Channels.Pair
  let column1: Channels.Pair
  let column2: Channels.Pair
  let lastRow: TripleInt8<Channels>

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    column0 = Channels.pair(weights, weights + 3 &* step)
    column1 = Channels.pair(weights + step, weights + 4 &* step)
    column2 = Channels.pair(weights + 2 &* step, weights + 5 &* step)
    lastRow = TripleInt8<Channels>(weights + 6 &* step, step)
  }

  /// Sums of the first two rows, of three columns of pairs.
  @inline(__always)
  func firstRows(
    _ sums: Channels.Sums, _ x0: Channels.Pair, _ x1: Channels.Pair, _ x2: Channels.Pair
  ) -> Channels.Sums {
    Channels.add(Channels.add(Channels.add(sums, column0, x0), column1, x1), column2, x2)
  }
}

/// Where the three rows of an output begin, and how far their columns are from each other: nowhere in
/// a row of the padding.
private struct Rows<Channels: ChannelsInt8> {
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
  func pair(_ column: Int) -> Channels.Pair {
    Channels.pair(row0 + column &* column0, row1 + column &* column1)
  }

  /// Two columns of the last row.
  @inline(__always)
  func last(_ first: Int, _ second: Int) -> Channels.Pair {
    Channels.pair(row2 + first &* column2, row2 + second &* column2)
  }

  @inline(__always)
  mutating func advance(_ columns: Int) {
    row0 += columns &* column0
    row1 += columns &* column1
    row2 += columns &* column2
  }
}

/// 3x3, stride 1 or 2: int8, some channels of two outputs at a time, which share the columns between them.
@inline(__always)
func depthwiseInt8Taps3x3<Channels: ChannelsInt8>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Int8>,
  _ channels: Channels
) {
  let weights = Weights<Channels>(weights, work.weight_step)
  let step = row.y_step
  row.forEachSpan(work, channel, Int8.self) { span, y in
    var y = y
    var pixel = 0
    if span.isInside {
      var rows = Rows<Channels>(span)
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
          let even = weights.firstRows(channels.bias, rows.pair(0), x1, x2)
          let odd = weights.firstRows(channels.bias, x1, x2, rows.pair(3))
          channels.store(
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
          let first = weights.firstRows(channels.bias, rows.pair(0), rows.pair(1), x2)
          let second = weights.firstRows(channels.bias, x2, rows.pair(3), rows.pair(4))
          let firstSums = weights.lastRow.even(first, rows.last(0, 1), last23)
          let secondSums = weights.lastRow.even(second, last23, rows.last(4, 4))
          channels.store(firstSums, secondSums, y, y + step)
          rows.advance(4)
          y += 2 &* step
          pixel &+= 2
        }
      }
    }
    while pixel < span.pixels {
      let sums = weights.firstRows(
        channels.bias, Channels.pair(span.tap(0, pixel: pixel), span.tap(3, pixel: pixel)),
        Channels.pair(span.tap(1, pixel: pixel), span.tap(4, pixel: pixel)),
        Channels.pair(span.tap(2, pixel: pixel), span.tap(5, pixel: pixel)))
      let last2 = span.tap(8, pixel: pixel)
      let all = weights.lastRow.even(
        sums,
        Channels.pair(span.tap(6, pixel: pixel), span.tap(7, pixel: pixel)),
        Channels.pair(last2, last2))
      channels.store(all, y)
      y += step
      pixel &+= 1
    }
  }
}
