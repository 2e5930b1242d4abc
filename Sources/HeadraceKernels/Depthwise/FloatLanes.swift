import CHeadrace

/// Channels that a depthwise kernel sums at once.
protocol FloatLanes: BitwiseCopyable {
  /// A multiple of eight.
  static var count: Int { get }
  static func load(_ x: UnsafePointer<Float>) -> Self
  /// The same; `x` moves on by `step` bytes.
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self
  static func bias(_ epilogue: hr_epilogue, _ channel: Int) -> Self
  /// `self + w x`, lane by lane.
  func adding(_ w: Self, _ x: Self) -> Self
  /// Stores all lanes, clamped.
  func store(_ y: UnsafeMutablePointer<Float>, _ epilogue: hr_epilogue)
}

extension SIMD8<Float>: FloatLanes {
  static var count: Int { 8 }

  #if arch(arm64)
  @inline(__always)
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self { hr_walk_f32x8(&x, step) }
  #endif

  @inline(__always)
  static func bias(_ epilogue: hr_epilogue, _ channel: Int) -> Self {
    epilogue.bias8(channel, as: Float.self)
  }

  @inline(__always)
  func adding(_ w: Self, _ x: Self) -> Self { hr_mac_lanes_f32x8(self, w, x) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ epilogue: hr_epilogue) {
    store8(epilogue.float(self), y, 8)
  }
}

#if !arch(arm64)

extension FloatLanes {
  @inline(__always)
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self {
    let next = x.unsafelyUnwrapped
    x = (UnsafeRawPointer(next) + step).assumingMemoryBound(to: Float.self)
    return load(next)
  }
}

#endif

#if HEADRACE_VNNI || arch(arm64)

extension SIMD16<Float>: FloatLanes {
  static var count: Int { 16 }

  @inline(__always)
  static func load(_ x: UnsafePointer<Float>) -> Self {
    UnsafeRawPointer(x).loadUnaligned(as: Self.self)
  }

  #if arch(arm64)
  @inline(__always)
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self { hr_walk_f32x16(&x, step) }
  #endif

  @inline(__always)
  static func bias(_ epilogue: hr_epilogue, _ channel: Int) -> Self {
    hr_join_f32x16(
      epilogue.bias8(channel, as: Float.self), epilogue.bias8(channel &+ 8, as: Float.self))
  }

  @inline(__always)
  func adding(_ w: Self, _ x: Self) -> Self { hr_mac_lanes_f32x16(self, w, x) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ epilogue: hr_epilogue) {
    let clamp = FloatClamp(epilogue)
    let clamped = hr_lower_f32x16(hr_raise_f32x16(self, clamp.low), clamp.high)
    #if arch(arm64)
    hr_store_f32x16(y, clamped)
    #else
    UnsafeMutableRawPointer(y).storeBytes(of: clamped, as: Self.self)
    #endif
  }
}

#endif
