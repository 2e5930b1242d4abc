import CHeadrace

/// above + 2 here + below
func sumRows(
  _ above: UnsafePointer<UInt8>, _ here: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ count: Int, _ sums: UnsafeMutablePointer<UInt16>
) {
  @inline(__always) func load(_ row: UnsafePointer<UInt8>, _ at: Int) -> SIMD16<UInt16> {
    SIMD16<UInt16>(
      truncatingIfNeeded: UnsafeRawPointer(row + at).loadUnaligned(as: SIMD16<UInt8>.self))
  }
  var i = 0
  while i &+ 16 <= count {
    let twice = load(here, i)
    UnsafeMutableRawPointer(sums + i).storeBytes(
      of: load(above, i) &+ twice &+ twice &+ load(below, i), as: SIMD16<UInt16>.self)
    i &+= 16
  }
  while i < count {
    sums[i] = UInt16(above[i]) &+ 2 &* UInt16(here[i]) &+ UInt16(below[i])
    i &+= 1
  }
}

/// Each pixel: three powers by its filtered codes, and three products with columns of the matrix.
func mapTones(
  _ sums: UnsafePointer<UInt16>, _ here: UnsafePointer<UInt8>, _ pixels: Int,
  _ tones: UnsafePointer<hr_tones>, _ powers: UnsafePointer<UInt16>,
  _ out: UnsafeMutablePointer<UInt8>
) {
  #if arch(arm64)
  hr_map_tones(true, sums, here, pixels, tones, powers, out)
  #else
  mapTones(here, pixels, tones, out) {
    powers[Int(sums[$0] &+ 2 &* sums[$0 &+ 3] &+ sums[$0 &+ 6])]
  }
  #endif
}

/// The same, not filtered.
func mapPlainTones(
  _ here: UnsafePointer<UInt8>, _ pixels: Int, _ tones: UnsafePointer<hr_tones>,
  _ powers: UnsafePointer<UInt16>, _ out: UnsafeMutablePointer<UInt8>
) {
  #if arch(arm64)
  hr_map_tones(false, nil, here, pixels, tones, powers, out)
  #else
  mapTones(here, pixels, tones, out) { powers[16 &* Int(here[$0])] }
  #endif
}

#if !arch(arm64)
@inline(__always)
private func mapTones(
  _ here: UnsafePointer<UInt8>, _ pixels: Int, _ tones: UnsafePointer<hr_tones>,
  _ out: UnsafeMutablePointer<UInt8>, _ power: (Int) -> UInt16
) {
  // They begin with the columns, and the offset follows.
  let columns = UnsafeRawPointer(tones)
  let red = columns.loadUnaligned(as: SIMD4<Int32>.self)
  let green = columns.loadUnaligned(fromByteOffset: 16, as: SIMD4<Int32>.self)
  let blue = columns.loadUnaligned(fromByteOffset: 32, as: SIMD4<Int32>.self)
  let offset = columns.loadUnaligned(fromByteOffset: 48, as: SIMD4<Int32>.self)
  let shift = SIMD4<Int32>(repeating: tones.pointee.shift)
  let strength = tones.pointee.strength
  let (none, most) = (SIMD4<Int32>(repeating: 0), SIMD4<Int32>(repeating: 255))
  var x = 0
  while x < pixels {
    let first = 3 &* x
    var value =
      offset &+ red &* Int32(power(first)) &+ green &* Int32(power(first &+ 1))
      &+ blue &* Int32(power(first &+ 2))
    value = value &>> shift
    value = value.replacing(with: none, where: value .< none)
    value = value.replacing(with: most, where: value .> most)
    if strength < 256 {
      let old = here + first
      let before = SIMD4<Int32>(Int32(old[0]), Int32(old[1]), Int32(old[2]), 0)
      value = before &+ ((value &- before) &* strength &+ 128) &>> 8
    }
    let bytes = SIMD4<UInt8>(truncatingIfNeeded: value)
    let pixel = out + first
    if x &+ 1 < pixels {
      // The fourth byte is the next pixel's first.
      UnsafeMutableRawPointer(pixel).storeBytes(of: bytes, as: SIMD4<UInt8>.self)
    } else {
      (pixel[0], pixel[1], pixel[2]) = (bytes[0], bytes[1], bytes[2])
    }
    x &+= 1
  }
}
#endif
