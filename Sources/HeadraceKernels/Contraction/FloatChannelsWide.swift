import CHeadrace

#if HEADRACE_VNNI

/// Two blocks in one register.
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
    sums = hr_mac_lanes_f32x16(sums, weights.sums, SIMD16(repeating: input))
  }

  @inline(__always)
  mutating func add(_ weights: Self, _ inputs: hr_inputs_f32, lane: Int) {
    add(weights, inputs[lane])
  }

  @inline(__always)
  mutating func raise(to low: Float) { sums = hr_raise_f32x16(sums, low) }

  @inline(__always)
  mutating func lower(to high: Float) { sums = hr_lower_f32x16(sums, high) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ count: Int) {
    store8(sums.lowHalf, y, count)
    store8(sums.highHalf, y + 8, count &- 8)
  }

  @inline(__always)
  mutating func addAll(_ addend: UnsafePointer<Float>) {
    sums += UnsafeRawPointer(addend).loadUnaligned(as: SIMD16<Float>.self)
  }

  @inline(__always)
  func storeAll(_ y: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(y).storeBytes(of: sums, as: SIMD16<Float>.self)
  }
}

#endif
