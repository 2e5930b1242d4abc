import CHeadrace

extension hr_epilogue {
  /// The bias of the eight channels from `channel` on.
  @inline(__always)
  func bias8<Element>(_ channel: Int, as type: Element.Type) -> SIMD8<Element>
  where Element: SIMDScalar & BitwiseCopyable & Numeric {
    guard let bias else { return SIMD8(repeating: 0) }
    return load8(bias.assumingMemoryBound(to: Element.self) + channel)
  }

  /// int16 outputs of eight sums that include the bias; their zero point is 0.
  @inline(__always)
  func int16(_ sums: SIMD8<Int64>, _ channel: Int) -> SIMD8<Int16> {
    let scaled = hr_requantize_i64x8(
      sums, load8(multipliers.unsafelyUnwrapped + channel),
      load8(shifts.unsafelyUnwrapped + channel))
    return hr_narrow_to_i16x8(hr_clamp_i32x8(scaled, clamp_min, clamp_max))
  }

  /// float32 outputs of eight sums that include the bias.
  @inline(__always)
  func float(_ sums: SIMD8<Float>) -> SIMD8<Float> {
    hr_clamp_f32x8(
      sums, Float(bitPattern: UInt32(bitPattern: clamp_min)),
      Float(bitPattern: UInt32(bitPattern: clamp_max)))
  }
}
