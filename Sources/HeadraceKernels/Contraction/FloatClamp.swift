import CHeadrace

/// A fused activation of float32 outputs. A limit that is infinite limits nothing and costs nothing.
struct FloatClamp {
  let low: Float
  let high: Float
  let isBelow: Bool
  let isAbove: Bool

  @inline(__always)
  init(_ epilogue: hr_epilogue) {
    self.init(
      low: Float(bitPattern: UInt32(bitPattern: epilogue.clamp_min)),
      high: Float(bitPattern: UInt32(bitPattern: epilogue.clamp_max)))
  }

  @inline(__always)
  init(low: Float, high: Float) {
    self.low = low
    self.high = high
    isBelow = low > -.infinity
    isAbove = high < .infinity
  }

  #if arch(arm64)
  /// The same, where the compiler does not compare again wherever it is asked.
  @inline(__always)
  var known: FloatClamp {
    FloatClamp(
      low: low, high: high, isBelow: hr_known_u32(isBelow ? 1 : 0) != 0,
      isAbove: hr_known_u32(isAbove ? 1 : 0) != 0)
  }

  @inline(__always)
  private init(low: Float, high: Float, isBelow: Bool, isAbove: Bool) {
    self.low = low
    self.high = high
    self.isBelow = isBelow
    self.isAbove = isAbove
  }
  #endif
}
