import CHeadrace

#if HEADRACE_VNNI

/// Twice as many channels as `Half` has.
struct FloatLanesTwice<Half: FloatLanes>: FloatLanes {
  let low: Half
  let high: Half

  static var count: Int { Half.count &* 2 }

  @inline(__always)
  static func load(_ x: UnsafePointer<Float>) -> Self {
    Self(low: .load(x), high: .load(x + Half.count))
  }

  @inline(__always)
  static func bias(_ epilogue: hr_epilogue, _ channel: Int) -> Self {
    Self(low: .bias(epilogue, channel), high: .bias(epilogue, channel &+ Half.count))
  }

  @inline(__always)
  func adding(_ w: Self, _ x: Self) -> Self {
    Self(low: low.adding(w.low, x.low), high: high.adding(w.high, x.high))
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ epilogue: hr_epilogue) {
    low.store(y, epilogue)
    high.store(y + Half.count, epilogue)
  }
}

#endif
