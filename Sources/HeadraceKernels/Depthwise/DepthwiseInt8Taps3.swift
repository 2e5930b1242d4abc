import CHeadrace

/// Three taps, whatever their distance: int8, some channels of an output at a time.
@inline(__always)
func depthwiseInt8Taps3<Channels: ChannelsInt8>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Int8>,
  _ channels: Channels
) {
  let w = TripleInt8<Channels>(weights, work.weight_step)
  row.forEachSpan(work, channel, Int8.self) { span, y in
    var x0 = span.tap(0)
    var x1 = span.tap(1)
    var x2 = span.tap(2)
    var y = y
    let step0 = Int(span.steps[0])
    let step1 = Int(span.steps[1])
    let step2 = Int(span.steps[2])
    @inline(__always)
    func next() -> Channels.Sums {
      let sums = w.even(channels.bias, Channels.pair(x0, x1), Channels.pair(x2, x2))
      x0 += step0
      x1 += step1
      x2 += step2
      return sums
    }
    var left = span.pixels
    while Channels.storesTwo && left >= 2 {
      let first = next()
      channels.store(first, next(), y, y + row.y_step)
      y += 2 &* row.y_step
      left &-= 2
    }
    for _ in 0..<left {
      channels.store(next(), y)
      y += row.y_step
    }
  }
}
