import CHeadrace

/// BT.601 in Q16. Each constant is the standard's factor times 65,536, rounded:
///
///     limited   R = 1.164383 (Y - 16) + 1.596027 (V - 128)
///               G = 1.164383 (Y - 16) - 0.391762 (U - 128) - 0.812968 (V - 128)
///               B = 1.164383 (Y - 16) + 2.017232 (U - 128)
///     full      R = Y + 1.402 (V - 128)
///               G = Y - 0.344136 (U - 128) - 0.714136 (V - 128)
///               B = Y + 1.772 (U - 128)
///
/// The offsets of Y, U and V and the rounding half are gathered into one constant a channel.
struct YUVMatrix {
  let luma: Int32
  let redV: Int32
  let greenU: Int32
  let greenV: Int32
  let blueU: Int32
  let black: Int32

  @inline(__always)
  init(fullRange: UInt32) {
    if fullRange != 0 {
      (luma, black, redV, greenU, greenV, blueU) = (65_536, 0, 91_881, 22_553, 46_802, 116_130)
    } else {
      (luma, black, redV, greenU, greenV, blueU) = (76_309, 16, 104_597, 25_675, 53_279, 132_201)
    }
  }

  /// What a pair of chroma samples adds to each channel, with luma's offset and the rounding.
  @inline(__always)
  func chroma(_ u: UInt8, _ v: UInt8) -> (red: Int32, green: Int32, blue: Int32) {
    let u = Int32(u) &- 128
    let v = Int32(v) &- 128
    let base = 32_768 &- luma &* black
    return (base &+ redV &* v, base &- greenU &* u &- greenV &* v, base &+ blueU &* u)
  }

  @inline(__always)
  func store(
    _ y: UInt8, _ chroma: (red: Int32, green: Int32, blue: Int32),
    _ rgb: UnsafeMutablePointer<UInt8>
  ) {
    let y = luma &* Int32(y)
    rgb[0] = saturate((y &+ chroma.red) &>> 16)
    rgb[1] = saturate((y &+ chroma.green) &>> 16)
    rgb[2] = saturate((y &+ chroma.blue) &>> 16)
  }
}

extension YUVMatrix {
  /// Sixteen pixels and the eight samples of chroma that pairs of them share.
  @inline(__always)
  func store16(
    _ y: SIMD16<UInt8>, _ u: SIMD8<UInt8>, _ v: SIMD8<UInt8>, _ rgb: UnsafeMutablePointer<UInt8>
  ) {
    let u = SIMD8<Int32>(truncatingIfNeeded: u) &- 128
    let v = SIMD8<Int32>(truncatingIfNeeded: v) &- 128
    let base = SIMD8<Int32>(repeating: 32_768 &- luma &* black)
    let even = SIMD8<Int32>(truncatingIfNeeded: y.evenHalf) &* luma
    let odd = SIMD8<Int32>(truncatingIfNeeded: y.oddHalf) &* luma
    @inline(__always) func channel(_ chroma: SIMD8<Int32>) -> SIMD16<UInt8> {
      var pixels = SIMD16<UInt8>()
      pixels.evenHalf = hr_from_q16_x8(even &+ chroma)
      pixels.oddHalf = hr_from_q16_x8(odd &+ chroma)
      return pixels
    }
    hr_store_rgb16(
      rgb, channel(base &+ v &* redV), channel(base &- u &* greenU &- v &* greenV),
      channel(base &+ u &* blueU))
  }
}

@inline(__always)
private func saturate(_ value: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: value < 0 ? 0 : (value > 255 ? 255 : value))
}

/// A row of YUYV, NV12, NV21 or I420: two pixels share a sample of U and of V, which is repeated, not interpolated.
func convertYUV(
  _ y: UnsafePointer<UInt8>, _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>,
  _ chromaStep: Int, _ count: Int, _ fullRange: UInt32, _ rgb: UnsafeMutablePointer<UInt8>
) {
  let matrix = YUVMatrix(fullRange: fullRange)
  // What comes first.
  let isU = u < v
  let both = UnsafeRawPointer(isU ? u : v)
  let distance = isU ? v - u : u - v
  var x = 0
  while x &+ 16 <= count {
    let (luma, first, second): (SIMD16<UInt8>, SIMD8<UInt8>, SIMD8<UInt8>)
    if chromaStep == 4 {
      let bytes = UnsafeRawPointer(y + x &* 2).loadUnaligned(as: SIMD32<UInt8>.self)
      let chroma = bytes.oddHalf
      (luma, first, second) = (bytes.evenHalf, chroma.evenHalf, chroma.oddHalf)
    } else {
      luma = UnsafeRawPointer(y + x).loadUnaligned(as: SIMD16<UInt8>.self)
      if chromaStep == 2 {
        let chroma = (both + x).loadUnaligned(as: SIMD16<UInt8>.self)
        (first, second) = (chroma.evenHalf, chroma.oddHalf)
      } else {
        first = (both + x / 2).loadUnaligned(as: SIMD8<UInt8>.self)
        second = (both + x / 2 + distance).loadUnaligned(as: SIMD8<UInt8>.self)
      }
    }
    matrix.store16(luma, isU ? first : second, isU ? second : first, rgb + x &* 3)
    x &+= 16
  }
  while x < count {
    let sample = (x &>> 1) &* chromaStep
    matrix.store(
      y[chromaStep == 4 ? x &* 2 : x], matrix.chroma(u[sample], v[sample]), rgb + x &* 3)
    x &+= 1
  }
}

/// Sums of rows of such pixels as y, u, v, sixteen pixels at a time.
func spreadYUV(
  _ y: UnsafePointer<UInt16>, _ u: UnsafePointer<UInt16>, _ v: UnsafePointer<UInt16>,
  _ chromaStep: Int, _ count: Int, _ yuv: UnsafeMutablePointer<UInt16>
) {
  let lumaStep = chromaStep == 4 ? 2 : 1
  var x = 0
  while x < count {
    let sample = (x &>> 1) &* chromaStep
    hr_spread_yuv_x16(y + x &* lumaStep, u + sample, v + sample, chromaStep, yuv + x &* 3)
    x &+= 16
  }
}

/// Finished columns of Y, U and V in units of 1/32, of which each has its own U and V. Whole eights.
func packYUV(
  _ planes: UnsafePointer<UInt16>, _ count: Int, _ fullRange: UInt32,
  _ rgb: UnsafeMutablePointer<UInt8>
) {
  let matrix = YUVMatrix(fullRange: fullRange)
  let base = SIMD8<Int32>(repeating: (32_768 &- matrix.luma &* matrix.black) &* 32)
  var x = 0
  while x < count {
    @inline(__always) func load(_ plane: Int) -> SIMD8<Int32> {
      let columns = UnsafeRawPointer(planes + (plane &* Int(HR_STRIP_COLUMNS) &+ x))
      return SIMD8(truncatingIfNeeded: columns.loadUnaligned(as: SIMD8<UInt16>.self))
    }
    let y = base &+ load(0) &* matrix.luma
    let u = load(1) &- 32 * 128
    let v = load(2) &- 32 * 128
    let red = y &+ v &* matrix.redV
    let green = y &- u &* matrix.greenU &- v &* matrix.greenV
    // At most 534 * 2^21: with one more bit of a unit it would not fit.
    let blue = y &+ u &* matrix.blueU
    hr_store_rgb8(
      rgb + x &* 3, hr_from_q21_x8(red), hr_from_q21_x8(green), hr_from_q21_x8(blue))
    x &+= 8
  }
}
