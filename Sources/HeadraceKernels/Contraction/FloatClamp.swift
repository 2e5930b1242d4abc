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
}
