import CHeadrace

#if HEADRACE_AVX2

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
    var (a, b) = (load8(line), load8(line + 8))
    var (c, d) = (load8(line + 16), load8(line + 24))
    for _ in 0..<Int(window.rows) {
      var tap = line
      for _ in 0..<Int(window.columns) {
        a = FloatMaximum.greater(a, load8(tap))
        b = FloatMaximum.greater(b, load8(tap + 8))
        c = FloatMaximum.greater(c, load8(tap + 16))
        d = FloatMaximum.greater(d, load8(tap + 24))
        tap += window.column_step
      }
      line += window.row_step
    }
    let place = y + channel
    store8(FloatMaximum.clamp(a, window), place, 8)
    store8(FloatMaximum.clamp(b, window), place + 8, 8)
    store8(FloatMaximum.clamp(c, window), place + 16, 8)
    store8(FloatMaximum.clamp(d, window), place + 24, 8)
    channel &+= 32
  }
  return channels
}

#endif
