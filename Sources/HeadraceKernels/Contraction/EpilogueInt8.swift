import CHeadrace

/// What becomes of the sums of a block of eight output channels: bias, requantization, zero point,
/// clamps. Made once for a block.
struct EpilogueInt8 {
  let bias: SIMD8<Int32>
  let multipliers: SIMD8<Int32>
  let shifts: SIMD8<Int32>
  /// Whether every factor is below 1/2, with AVX2 1/4, as it is but for odd layers: requantizing is then cheap.
  let isSmall: Bool
  let zero: Int32
  let low: Int32
  let high: Int32

  @inline(__always)
  init(_ epilogue: hr_epilogue, channel: Int) {
    bias = epilogue.bias8(channel, as: Int32.self)
    multipliers = load8(epilogue.multipliers.unsafelyUnwrapped + channel)
    shifts = load8(epilogue.shifts.unsafelyUnwrapped + channel)
    #if HEADRACE_AVX2
    isSmall = hr_have_halves_i32x8(multipliers, shifts)
    #else
    isSmall = hr_are_small_i32x8(multipliers, shifts)
    #endif
    zero = epilogue.output_zero
    low = epilogue.clamp_min
    high = epilogue.clamp_max
  }

  /// The outputs of a pixel whose sums do not hold the bias yet.
  @inline(__always)
  func callAsFunction(_ sums: SIMD8<Int32>) -> SIMD8<Int8> { finished(sums &+ bias) }

  /// The outputs of a pixel whose sums hold the bias already.
  @inline(__always)
  func finished(_ sums: SIMD8<Int32>) -> SIMD8<Int8> {
    let scaled = isSmall ? scaledSmall(sums) : hr_requantize_i32x8(sums, multipliers, shifts)
    return hr_narrow_clamped_i8x8(scaled, zero, low, high)
  }

  /// Requantized sums, where `isSmall`.
  @inline(__always)
  func scaledSmall(_ sums: SIMD8<Int32>) -> SIMD8<Int32> {
    hr_requantize_small_i32x8(sums, multipliers, shifts)
  }
}
