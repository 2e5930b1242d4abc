import CHeadrace

#if HEADRACE_VNNI

/// The greatest element of a window: float32, 32 channels at a time, as many as make those. Returns how many that
/// were.
@inline(__always)
func startMaximumFloat(_ window: hr_pool_window) -> Int {
  let channels = Int(window.channels) & ~31
  let x = window.x.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = window.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  var channel = 0
  while channel < channels {
    var line = x + channel
    var low = SIMD16<Float>.load(line)
    var high = SIMD16<Float>.load(line + 16)
    for _ in 0..<Int(window.rows) {
      var tap = line
      for _ in 0..<Int(window.columns) {
        low = hr_max_f32x16(low, .load(tap))
        high = hr_max_f32x16(high, .load(tap + 16))
        tap += window.column_step
      }
      line += window.row_step
    }
    storeClamped(low, y + channel, window)
    storeClamped(high, y + (channel &+ 16), window)
    channel &+= 32
  }
  return channels
}

@inline(__always)
private func storeClamped(
  _ v: SIMD16<Float>, _ y: UnsafeMutablePointer<Float>, _ window: hr_pool_window
) {
  let clamped = hr_lower_f32x16(
    hr_raise_f32x16(v, window.floatMinimum), window.floatMaximum)
  UnsafeMutableRawPointer(y).storeBytes(of: clamped, as: SIMD16<Float>.self)
}

#endif
