import CHeadrace

/// Any kernel: eight channels of four outputs at a time.
@inline(__always)
func depthwiseBlock<T: TapArithmetic>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ type: T.Type
) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: T.Weight.self) + channel
  let taps = Int(work.taps)
  row.forEachSpan(work, channel, T.Element.self) { span, y in
    var y = y
    var pixel = 0
    while pixel < span.pixels {
      // Outputs that the span does not have repeat its last one.
      let left = span.pixels &- pixel
      let second = min(1, left &- 1)
      let third = min(2, left &- 1)
      let fourth = min(3, left &- 1)
      var totals0 = T.begin(work.epilogue, channel)
      var totals1 = totals0
      var totals2 = totals0
      var totals3 = totals0
      var tap = 0
      while tap < taps {
        let end = taps &- tap > T.exactProducts ? tap &+ T.exactProducts : taps
        var sums0 = T.sums(totals0)
        var sums1 = T.sums(totals1)
        var sums2 = T.sums(totals2)
        var sums3 = T.sums(totals3)
        while tap < end {
          let w = T.weights(weights + tap &* work.weight_step)
          let x = span.tap(tap, pixel: pixel)
          let step = Int(span.steps[tap])
          sums0 = T.add(sums0, w, T.load(x))
          sums1 = T.add(sums1, w, T.load(x + step &* second))
          sums2 = T.add(sums2, w, T.load(x + step &* third))
          sums3 = T.add(sums3, w, T.load(x + step &* fourth))
          tap &+= 1
        }
        totals0 = T.end(sums0, totals0)
        totals1 = T.end(sums1, totals1)
        totals2 = T.end(sums2, totals2)
        totals3 = T.end(sums3, totals3)
      }
      store8(T.finish(totals0, work.epilogue, channel), y, 8)
      if left > 1 { store8(T.finish(totals1, work.epilogue, channel), y + row.y_step, 8) }
      if left > 2 { store8(T.finish(totals2, work.epilogue, channel), y + 2 &* row.y_step, 8) }
      if left > 3 { store8(T.finish(totals3, work.epilogue, channel), y + 3 &* row.y_step, 8) }
      y += 4 &* row.y_step
      pixel &+= 4
    }
  }
}
