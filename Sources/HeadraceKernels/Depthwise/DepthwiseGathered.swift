import CHeadrace

/// Any kernel, any channels: for depth multipliers and fewer than eight channels. The lanes that a last
/// block has too many repeat the last channel.
@inline(__always)
func depthwiseGathered<T: TapArithmetic>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ type: T.Type
) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: T.Weight.self)
  let taps = Int(work.taps)
  var channel = Int(row.first_channel)
  while channel < Int(row.end_channel) {
    var offsets = SIMD8<UInt32>()
    for lane in 0..<8 {
      let output = min(UInt32(truncatingIfNeeded: channel &+ lane), work.channels &- 1)
      offsets[lane] = output / work.depth_multiplier
    }
    let lanes = Int(work.channels) &- channel
    row.forEachSpan(work, 0, T.Element.self) { span, y in
      for pixel in 0..<span.pixels {
        var totals = T.begin(work.epilogue, channel)
        var tap = 0
        while tap < taps {
          let end = taps &- tap > T.exactProducts ? tap &+ T.exactProducts : taps
          var sums = T.sums(totals)
          while tap < end {
            let w = T.weights(weights + (channel &+ tap &* work.weight_step))
            sums = T.add(sums, w, T.gather(span.tap(tap, pixel: pixel), offsets))
            tap &+= 1
          }
          totals = T.end(sums, totals)
        }
        let outputs = T.finish(totals, work.epilogue, channel)
        store8(outputs, y + (channel &+ pixel &* row.y_step), lanes)
      }
    }
    channel &+= 8
  }
}
