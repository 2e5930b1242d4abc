import CHeadrace

/// A row of BGR24, RGBA32 or GRAY8, which `step` tells apart: bytes from pixel to pixel.
///
/// Optimized for size: the last few need no vectors.
@_optimize(size)
func convertPacked(
  _ row: UnsafePointer<UInt8>, _ step: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>
) {
  let (red, green, blue) = step == 3 ? (2, 1, 0) : step == 1 ? (0, 0, 0) : (0, 1, 2)
  var (row, rgb) = (row, rgb)
  var left = count
  while left >= 16 {
    hr_rgb16_from_packed(row, step, rgb)
    row += 16 &* step
    rgb += 48
    left &-= 16
  }
  while left > 0 {
    (rgb[0], rgb[1], rgb[2]) = (row[red], row[green], row[blue])
    row += step
    rgb += 3
    left &-= 1
  }
}

/// Eights of columns of three planes to RGB24: green and blue lie so far behind red and green.
func packPlanes(
  _ red: UnsafePointer<UInt16>, _ distance: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>
) {
  @inline(__always) func load(_ plane: UnsafePointer<UInt16>) -> SIMD8<UInt8> {
    SIMD8(truncatingIfNeeded: UnsafeRawPointer(plane).loadUnaligned(as: SIMD8<UInt16>.self))
  }
  var i = 0
  while i < count {
    let red = red + i
    hr_store_rgb8(rgb + i &* 3, load(red), load(red + distance), load(red + 2 &* distance))
    i &+= 8
  }
}

/// BT.601 luma of RGB24. The weights add up to 256, so that gray stays what it was.
func convertToLuma(
  _ rgb: UnsafePointer<UInt8>, _ count: Int, _ gray: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    let red = UInt32(rgb[i &* 3])
    let green = UInt32(rgb[i &* 3 &+ 1])
    let blue = UInt32(rgb[i &* 3 &+ 2])
    gray[i] = UInt8(truncatingIfNeeded: (77 &* red &+ 150 &* green &+ 29 &* blue &+ 128) &>> 8)
    i &+= 1
  }
}
