import CHeadrace

#if HEADRACE_VNNI

/// Two blocks in one vector of AVX-512.
struct FloatChannelsWide: FloatChannels {
  var sums: SIMD16<Float>

  static var blocks: Int { 2 }

  @inline(__always)
  init(_ elements: UnsafePointer<Float>, step: Int) {
    sums = hr_join_f32x16(load8(elements), load8(elements + step))
  }

  @inline(__always)
  init(repeating value: Float) { sums = SIMD16(repeating: value) }

  @inline(__always)
  mutating func add(_ weights: Self, _ input: Float) {
    sums = hr_mac_f32x16(sums, weights.sums, input)
  }

  @inline(__always)
  mutating func add(_ weights: Self, _ inputs: hr_inputs_f32, lane: Int) {
    sums = hr_mac_f32x16(sums, weights.sums, inputs[lane])
  }

  @inline(__always)
  mutating func raise(to low: Float) { sums = hr_raise_f32x16(sums, low) }

  @inline(__always)
  mutating func lower(to high: Float) { sums = hr_lower_f32x16(sums, high) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ count: Int) {
    if count >= 16 {
      UnsafeMutableRawPointer(y).storeBytes(of: sums, as: SIMD16<Float>.self)
    } else {
      store8(hr_low_f32x16(sums), y, count)
      if count > 8 { store8(hr_high_f32x16(sums), y + 8, count &- 8) }
    }
  }
}

#endif
