import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// The greatest element of a window: int8, 64 or 32 channels at a time.
func maxPoolInt8(_ window: hr_pool_window) {
  let channels = Int(window.channels)
  var channel = 0
  while channel &+ 64 <= channels {
    window.storeGreatest(SIMD64<Int8>.self, channel, hr_max_i8x64, hr_clamp_i8x64)
    channel &+= 64
  }
  if channel &+ 32 <= channels {
    window.storeGreatest(SIMD32<Int8>.self, channel, hr_max_i8x32, hr_clamp_i8x32)
    channel &+= 32
  }
  guard channel < channels else { return }
  var rest = window
  rest.x = window.x.unsafelyUnwrapped + channel
  rest.y = window.y.unsafelyUnwrapped + channel
  rest.channels = UInt32(truncatingIfNeeded: channels &- channel)
  maxPool(rest, Int8Maximum.self)
}

extension hr_pool_window {
  /// The channels from `channel` on that a vector holds.
  @inline(__always)
  fileprivate func storeGreatest<Vector: SIMD<Int8>>(
    _ type: Vector.Type, _ channel: Int, _ greater: (Vector, Vector) -> Vector,
    _ clamp: (Vector, Int32, Int32) -> Vector
  ) {
    var line = x.unsafelyUnwrapped + channel
    var greatest = line.loadUnaligned(as: Vector.self)
    for _ in 0..<rows {
      var tap = line
      for _ in 0..<columns {
        greatest = greater(greatest, tap.loadUnaligned(as: Vector.self))
        tap += column_step
      }
      line += row_step
    }
    y.unsafelyUnwrapped.storeBytes(
      of: clamp(greatest, clamp_min, clamp_max), toByteOffset: channel, as: Vector.self)
  }
}

#endif
