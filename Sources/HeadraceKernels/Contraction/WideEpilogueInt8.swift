import CHeadrace

#if HEADRACE_VNNI

/// What becomes of sums of sixteen output channels, two blocks of eight: requantization, zero point, clamps.
/// Sums begin with the bias.
struct WideEpilogueInt8 {
  let bias: SIMD16<Int32>
  /// Whether requantizing is cheap (see `WideRequant`).
  var isSmall: Bool { requant.isSmall }
  private let requant: WideRequant
  private let zero: Int32
  private let low: Int32
  private let high: Int32

  /// For the eight channels from `channel` on and the eight from `second` on.
  @inline(__always)
  init(_ epilogue: hr_epilogue, channel: Int, second: Int) {
    let multiplier = epilogue.multipliers.unsafelyUnwrapped
    let shift = epilogue.shifts.unsafelyUnwrapped
    if let biases = epilogue.bias?.assumingMemoryBound(to: Int32.self) {
      bias = hr_join_x16(biases + channel, biases + second)
    } else {
      bias = .zero
    }
    requant = WideRequant(
      hr_join_x16(multiplier + channel, multiplier + second),
      hr_join_x16(shift + channel, shift + second))
    zero = epilogue.output_zero
    low = epilogue.clamp_min
    high = epilogue.clamp_max
  }

  /// The outputs of four pixels, a row each.
  @inline(__always)
  func callAsFunction(_ sums: WideSums4) -> SIMD64<Int8> {
    hr_rows_x16(
      hr_narrow_clamped_x16(
        requant(sums.pixel0), requant(sums.pixel1), requant(sums.pixel2), requant(sums.pixel3),
        zero, low, high))
  }

  /// The outputs of two pixels: each one's sixteen channels of this, then sixteen of `high`. Both are small.
  @inline(__always)
  func small(
    _ pixel0: SIMD16<Int32>, _ pixel1: SIMD16<Int32>, _ high: WideEpilogueInt8,
    _ high0: SIMD16<Int32>, _ high1: SIMD16<Int32>
  ) -> SIMD64<Int8> {
    hr_rows_x16(
      hr_narrow_clamped_x16(
        requant.small(pixel0), high.requant.small(high0), requant.small(pixel1),
        high.requant.small(high1), zero, self.low, self.high))
  }
}

/// Stores `channels` channels of the first `pixels` of four pixels.
@inline(__always)
func storeRows(
  _ rows: SIMD64<Int8>, _ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: UInt32
) {
  hr_store_row0(rows, y, channels)
  if pixels > 1 { hr_store_row1(rows, y + step, channels) }
  if pixels > 2 { hr_store_row2(rows, y + 2 &* step, channels) }
  if pixels > 3 { hr_store_row3(rows, y + 3 &* step, channels) }
}

#endif
