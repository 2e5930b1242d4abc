import CHeadrace

#if HEADRACE_VNNI

extension hr_depthwise_row {
  /// Three taps, whatever their distance, of the 64 channels from `channel` on; false if their factors are not
  /// small, and nothing was done.
  @inline(never)
  func taps3x64(_ work: hr_depthwise, _ channel: Int) -> Bool {
    let step = work.weight_step
    let w = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
    let weights = Quads(
      hr_load_x64(w), hr_load_x64(w + step), hr_load_x64(w + 2 &* step), last: .zero)
    let quads0 = TapQuads(work.epilogue, channel, weights.v0)
    let quads1 = TapQuads(work.epilogue, channel &+ 4, weights.v1)
    let quads2 = TapQuads(work.epilogue, channel &+ 8, weights.v2)
    let quads3 = TapQuads(work.epilogue, channel &+ 12, weights.v3)
    guard
      quads0.requant.isSmall, quads1.requant.isSmall, quads2.requant.isSmall,
      quads3.requant.isSmall
    else { return false }
    forEachSpan(work, channel, Int8.self) { span, y in
      var x0 = span.tap(0)
      var x1 = span.tap(1)
      var x2 = span.tap(2)
      var y = y
      let step0 = Int(span.steps[0])
      let step1 = Int(span.steps[1])
      let step2 = Int(span.steps[2])
      for _ in 0..<span.pixels {
        let tap2 = hr_load_unsigned_x64(x2)
        // The last byte is any: its weight is 0.
        let x = Quads(
          hr_load_unsigned_x64(x0), hr_load_unsigned_x64(x1), tap2, last: tap2)
        let outputs = hr_narrow_clamped_x16(
          quads0(x.v0), quads1(x.v1), quads2(x.v2), quads3(x.v3), work.epilogue.output_zero,
          work.epilogue.clamp_min, work.epilogue.clamp_max)
        hr_store_rows(outputs, y)
        x0 += step0
        x1 += step1
        x2 += step2
        y += y_step
      }
    }
    return true
  }
}

/// Three taps of 64 channels, side by side: vector i has channels 4 i ... 4 i + 3 of each sixteen. Narrowed, four
/// such vectors have their channels in order again.
struct Quads {
  let v0: SIMD16<Int32>
  let v1: SIMD16<Int32>
  let v2: SIMD16<Int32>
  let v3: SIMD16<Int32>

  @inline(__always)
  init(_ tap0: SIMD64<Int8>, _ tap1: SIMD64<Int8>, _ tap2: SIMD64<Int8>, last: SIMD64<Int8>) {
    let low = hr_low_pairs_x64(tap0, tap1)
    let lowRest = hr_low_pairs_x64(tap2, last)
    v0 = hr_low_quads_x64(low, lowRest)
    v1 = hr_high_quads_x64(low, lowRest)
    let high = hr_high_pairs_x64(tap0, tap1)
    let highRest = hr_high_pairs_x64(tap2, last)
    v2 = hr_low_quads_x64(high, highRest)
    v3 = hr_high_quads_x64(high, highRest)
  }
}

/// Weights of four channels of each sixteen, and what is done to their sums.
private struct TapQuads {
  private let weights: SIMD16<Int32>
  private let begin: SIMD16<Int32>
  let requant: WideRequant

  @inline(__always)
  init(_ epilogue: hr_epilogue, _ channel: Int, _ weights: SIMD16<Int32>) {
    self.weights = weights
    let bias = epilogue.bias?.assumingMemoryBound(to: Int32.self)
    begin = hr_less_weights_x16(
      bias.map { hr_every_fourth_x16($0 + channel, 64) } ?? .zero, weights)
    requant = WideRequant(
      hr_every_fourth_x16(epilogue.multipliers.unsafelyUnwrapped + channel, 64),
      hr_every_fourth_x16(epilogue.shifts.unsafelyUnwrapped + channel, 64))
  }

  /// Halves of results (see vnni.h).
  @inline(__always)
  func callAsFunction(_ x: SIMD16<Int32>) -> SIMD16<Int32> {
    requant(hr_mac_taps_x16(begin, weights, x))
  }
}

#endif
