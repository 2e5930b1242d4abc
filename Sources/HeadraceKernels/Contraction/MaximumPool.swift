import CHeadrace

/// How the greater of two elements is found, eight at a time and one at a time.
protocol Maximum {
  associatedtype Element: SIMDScalar & BitwiseCopyable & Comparable
  static func greater(_ a: SIMD8<Element>, _ b: SIMD8<Element>) -> SIMD8<Element>
  static func clamp(_ x: Element, _ window: hr_pool_window) -> Element
  static func clamp(_ x: SIMD8<Element>, _ window: hr_pool_window) -> SIMD8<Element>
  /// Does channels in wider vectors, as many as fill them. Returns how many that were.
  static func startWide(_ window: hr_pool_window) -> Int
}

extension Maximum {
  @inline(__always)
  static func startWide(_ window: hr_pool_window) -> Int { 0 }
}

enum FloatMaximum: Maximum {
  @inline(__always)
  static func greater(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { hr_max_f32x8(a, b) }

  #if arch(arm64)
  @inline(__always)
  static func startWide(_ window: hr_pool_window) -> Int {
    hr_max_pool_sixteens_f32(window, window.floatMinimum, window.floatMaximum)
  }
  #elseif HEADRACE_VNNI || HEADRACE_AVX2
  @inline(__always)
  static func startWide(_ window: hr_pool_window) -> Int { startMaximumFloat(window) }
  #endif

  @inline(__always)
  static func clamp(_ x: Float, _ window: hr_pool_window) -> Float {
    min(max(x, window.floatMinimum), window.floatMaximum)
  }

  @inline(__always)
  static func clamp(_ x: SIMD8<Float>, _ window: hr_pool_window) -> SIMD8<Float> {
    hr_clamp_f32x8(x, window.floatMinimum, window.floatMaximum)
  }
}

enum Int8Maximum: Maximum {
  @inline(__always)
  static func greater(_ a: SIMD8<Int8>, _ b: SIMD8<Int8>) -> SIMD8<Int8> { hr_max_i8x8(a, b) }

  #if arch(arm64)
  @inline(__always)
  static func startWide(_ window: hr_pool_window) -> Int { hr_max_pool_thirty_twos_i8(window) }
  #endif

  @inline(__always)
  static func clamp(_ x: Int8, _ window: hr_pool_window) -> Int8 {
    Int8(truncatingIfNeeded: min(max(Int32(x), window.clamp_min), window.clamp_max))
  }

  @inline(__always)
  static func clamp(_ x: SIMD8<Int8>, _ window: hr_pool_window) -> SIMD8<Int8> {
    let low = SIMD8(repeating: Int8(truncatingIfNeeded: window.clamp_min))
    return hr_min_i8x8(
      hr_max_i8x8(x, low), SIMD8(repeating: Int8(truncatingIfNeeded: window.clamp_max)))
  }
}

enum Int16Maximum: Maximum {
  @inline(__always)
  static func greater(_ a: SIMD8<Int16>, _ b: SIMD8<Int16>) -> SIMD8<Int16> { hr_max_i16x8(a, b) }

  @inline(__always)
  static func clamp(_ x: Int16, _ window: hr_pool_window) -> Int16 {
    Int16(truncatingIfNeeded: min(max(Int32(x), window.clamp_min), window.clamp_max))
  }

  @inline(__always)
  static func clamp(_ x: SIMD8<Int16>, _ window: hr_pool_window) -> SIMD8<Int16> {
    let low = SIMD8(repeating: Int16(truncatingIfNeeded: window.clamp_min))
    return hr_min_i16x8(
      hr_max_i16x8(x, low), SIMD8(repeating: Int16(truncatingIfNeeded: window.clamp_max)))
  }
}

extension hr_pool_window {
  @inline(__always)
  var floatMinimum: Float { Float(bitPattern: UInt32(bitPattern: clamp_min)) }
  @inline(__always)
  var floatMaximum: Float { Float(bitPattern: UInt32(bitPattern: clamp_max)) }
}

/// The greatest element of a window, for each channel.
@inline(__always)
func maxPool<M: Maximum>(_ window: hr_pool_window, _ maximum: M.Type) {
  let x = window.x.unsafelyUnwrapped.assumingMemoryBound(to: M.Element.self)
  let y = window.y.unsafelyUnwrapped.assumingMemoryBound(to: M.Element.self)
  let channels = Int(window.channels)
  var channel = M.startWide(window)
  while channel &+ 8 <= channels {
    var greatest = load8(x + channel)
    var row = 0
    while row < Int(window.rows) {
      var tap = x + (row &* Int(window.row_step) &+ channel)
      var column = 0
      while column < Int(window.columns) {
        greatest = M.greater(greatest, load8(tap))
        tap += Int(window.column_step)
        column &+= 1
      }
      row &+= 1
    }
    store8(M.clamp(greatest, window), y + channel, 8)
    channel &+= 8
  }
  if channel < channels { maxPoolRest(window, maximum, from: channel) }
}

/// The channels that do not fill a vector. Optimized for size: the compiler would make vectors of columns.
@_optimize(size)
@inline(never)
private func maxPoolRest<M: Maximum>(
  _ window: hr_pool_window, _ maximum: M.Type, from first: Int
) {
  let x = window.x.unsafelyUnwrapped.assumingMemoryBound(to: M.Element.self)
  let y = window.y.unsafelyUnwrapped.assumingMemoryBound(to: M.Element.self)
  for channel in first..<Int(window.channels) {
    var greatest = x[channel]
    for row in 0..<Int(window.rows) {
      for column in 0..<Int(window.columns) {
        let tap = row &* Int(window.row_step) &+ column &* Int(window.column_step) &+ channel
        greatest = max(greatest, x[tap])
      }
    }
    y[channel] = M.clamp(greatest, window)
  }
}
