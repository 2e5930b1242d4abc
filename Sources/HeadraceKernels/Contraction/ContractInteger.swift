import CHeadrace

/// An integer activation, as the 16-bit factor that multiply-accumulate instructions take.
protocol IntegerActivation: FixedWidthInteger, BitwiseCopyable {
  /// Eight elements from `pointer` on.
  static func widen8(_ pointer: UnsafePointer<Self>) -> SIMD8<Int16>
}

extension Int8: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int8>) -> SIMD8<Int16> {
    hr_widen_i8x8(load8(pointer))
  }
}

extension Int16: IntegerActivation {
  @inline(__always)
  static func widen8(_ pointer: UnsafePointer<Int16>) -> SIMD8<Int16> { load8(pointer) }
}

/// Adds `count` products to each of a tile's sums, wrapping.
@inline(__always)
func accumulate4<Element: IntegerActivation>(
  _ sums: inout TileSums<SIMD8<Int32>>, _ x: RunInputs<Element>, _ weights: UnsafePointer<Int8>,
  _ count: Int
) {
  @inline(__always)
  func pair(
    _ w: UnsafePointer<Int8>, _ x0: SIMD8<Int16>, _ x1: SIMD8<Int16>, _ x2: SIMD8<Int16>,
    _ x3: SIMD8<Int16>, _ index: Int32
  ) {
    let row0 = hr_widen_i8x8(load8(w))
    let row1 = hr_widen_i8x8(load8(w + 8))
    let first = hr_pair_first(row0, row1)
    let second = hr_pair_second(row0, row1)
    sums.pixel0 = hr_mac_pair(sums.pixel0, first, second, x0, index)
    sums.pixel1 = hr_mac_pair(sums.pixel1, first, second, x1, index)
    sums.pixel2 = hr_mac_pair(sums.pixel2, first, second, x2, index)
    sums.pixel3 = hr_mac_pair(sums.pixel3, first, second, x3, index)
  }
  forEachEight(count) { k, done in
    let x0 = hr_clear_lanes_i16x8(Element.widen8(x.pixel0 + k), done)
    let x1 = hr_clear_lanes_i16x8(Element.widen8(x.pixel1 + k), done)
    let x2 = hr_clear_lanes_i16x8(Element.widen8(x.pixel2 + k), done)
    let x3 = hr_clear_lanes_i16x8(Element.widen8(x.pixel3 + k), done)
    let w = weights + k &* Tile.channels
    pair(w, x0, x1, x2, x3, 0)
    pair(w + 16, x0, x1, x2, x3, 1)
    pair(w + 32, x0, x1, x2, x3, 2)
    pair(w + 48, x0, x1, x2, x3, 3)
  } single: { k in
    let row = hr_widen_i8x8(load8(weights + k &* Tile.channels))
    sums.pixel0 = hr_mac_lanes_i16x8(sums.pixel0, row, broadcast(x.pixel0[k]))
    sums.pixel1 = hr_mac_lanes_i16x8(sums.pixel1, row, broadcast(x.pixel1[k]))
    sums.pixel2 = hr_mac_lanes_i16x8(sums.pixel2, row, broadcast(x.pixel2[k]))
    sums.pixel3 = hr_mac_lanes_i16x8(sums.pixel3, row, broadcast(x.pixel3[k]))
  }
}

/// As above for a single pixel.
@inline(__always)
func accumulate1<Element: IntegerActivation>(
  _ sums: inout SIMD8<Int32>, _ x: UnsafePointer<Element>, _ weights: UnsafePointer<Int8>,
  _ count: Int
) {
  @inline(__always)
  func pair(_ w: UnsafePointer<Int8>, _ x: SIMD8<Int16>, _ index: Int32) {
    let row0 = hr_widen_i8x8(load8(w))
    let row1 = hr_widen_i8x8(load8(w + 8))
    sums = hr_mac_pair(sums, hr_pair_first(row0, row1), hr_pair_second(row0, row1), x, index)
  }
  forEachEight(count) { k, done in
    let x8 = hr_clear_lanes_i16x8(Element.widen8(x + k), done)
    let w = weights + k &* Tile.channels
    pair(w, x8, 0)
    pair(w + 16, x8, 1)
    pair(w + 32, x8, 2)
    pair(w + 48, x8, 3)
  } single: { k in
    let row = hr_widen_i8x8(load8(weights + k &* Tile.channels))
    sums = hr_mac_lanes_i16x8(sums, row, broadcast(x[k]))
  }
}

/// Visits `0 ..< count` in eights. The last eight overlap those before where `count` is not a
/// multiple of 8: its first `done` are to be left out. Fewer than eight are visited one by one:
/// nothing outside the run is read.
@inline(__always)
private func forEachEight(
  _ count: Int, _ eight: (_ k: Int, _ done: Int16) -> Void, single: (_ k: Int) -> Void
) {
  var k = 0
  while k &+ 8 <= count {
    eight(k, 0)
    k &+= 8
  }
  guard k < count else { return }
  if count >= 8 {
    eight(count &- 8, Int16(truncatingIfNeeded: k &+ 8 &- count))
  } else {
    while k < count {
      single(k)
      k &+= 1
    }
  }
}

@inline(__always)
private func broadcast<Element: IntegerActivation>(_ x: Element) -> SIMD8<Int16> {
  SIMD8(repeating: Int16(truncatingIfNeeded: x))
}
