import CHeadrace

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// The greatest element of a window: int8, 32 channels at a time.
func maxPoolInt8(_ window: hr_pool_window) {
  let channels = Int(window.channels)
  let x = window.x.unsafelyUnwrapped
  let y = window.y.unsafelyUnwrapped
  var channel = 0
  while channel &+ 32 <= channels {
    var greatest = SIMD32<Int8>(repeating: .min)
    var row = 0
    while row < Int(window.rows) {
      var tap = x + (row &* Int(window.row_step) &+ channel)
      var column = 0
      while column < Int(window.columns) {
        greatest = hr_max_i8x32(greatest, tap.loadUnaligned(as: SIMD32<Int8>.self))
        tap += Int(window.column_step)
        column &+= 1
      }
      row &+= 1
    }
    greatest = hr_clamp_i8x32(greatest, window.clamp_min, window.clamp_max)
    y.storeBytes(of: greatest, toByteOffset: channel, as: SIMD32<Int8>.self)
    channel &+= 32
  }
  guard channel < channels else { return }
  var rest = window
  rest.x = x + channel
  rest.y = y + channel
  rest.channels = UInt32(truncatingIfNeeded: channels &- channel)
  maxPool(rest, Int8Maximum.self)
}

#endif
