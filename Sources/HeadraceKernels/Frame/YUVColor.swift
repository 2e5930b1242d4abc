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

/// Two pixels share U and V; `x` may be odd.
func convertYUYV(
  _ row: UnsafePointer<UInt8>, _ x: Int, _ count: Int, _ fullRange: UInt32,
  _ rgb: UnsafeMutablePointer<UInt8>
) {
  let matrix = YUVMatrix(fullRange: fullRange)
  convertPairs(
    x, count, rgb,
    one: { x, rgb in
      let pair = row + (x &>> 1) &* 4
      matrix.store(pair[(x & 1) &* 2], matrix.chroma(pair[1], pair[3]), rgb)
    },
    sixteen: { x, rgb in
      let bytes = UnsafeRawPointer(row + x &* 2).loadUnaligned(as: SIMD32<UInt8>.self)
      let chroma = bytes.oddHalf
      matrix.store16(bytes.evenHalf, chroma.evenHalf, chroma.oddHalf, rgb)
    })
}

/// One row of NV12, NV21 (`chromaStep` 2) or I420 (1): two pixels share a sample of U and of V, which
/// is repeated, not interpolated. `x` may be odd.
func convertYUV420(
  _ y: UnsafePointer<UInt8>, _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>,
  _ chromaStep: Int, _ x: Int, _ count: Int, _ fullRange: UInt32,
  _ rgb: UnsafeMutablePointer<UInt8>
) {
  let matrix = YUVMatrix(fullRange: fullRange)
  // The samples of U and V lie one behind the other in a plane of their own, or of both in turns.
  let isU = u < v
  let both = UnsafeRawPointer(isU ? u : v)
  convertPairs(
    x, count, rgb,
    one: { x, rgb in
      let sample = (x &>> 1) &* chromaStep
      matrix.store(y[x], matrix.chroma(u[sample], v[sample]), rgb)
    },
    sixteen: { x, rgb in
      let luma = UnsafeRawPointer(y + x).loadUnaligned(as: SIMD16<UInt8>.self)
      if chromaStep == 1 {
        matrix.store16(
          luma, UnsafeRawPointer(u + x &>> 1).loadUnaligned(as: SIMD8<UInt8>.self),
          UnsafeRawPointer(v + x &>> 1).loadUnaligned(as: SIMD8<UInt8>.self), rgb)
      } else {
        let chroma = (both + x).loadUnaligned(as: SIMD16<UInt8>.self)
        matrix.store16(
          luma, isU ? chroma.evenHalf : chroma.oddHalf, isU ? chroma.oddHalf : chroma.evenHalf, rgb)
      }
    })
}

/// Pixels `x ..< x + count`: sixteen at a time from an even one on, the others one by one.
@inline(__always)
private func convertPairs(
  _ x: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>,
  one: (Int, UnsafeMutablePointer<UInt8>) -> Void,
  sixteen: (Int, UnsafeMutablePointer<UInt8>) -> Void
) {
  let end = x &+ count
  var (x, rgb) = (x, rgb)
  if x & 1 != 0, x < end {
    one(x, rgb)
    rgb += 3
    x &+= 1
  }
  while x &+ 16 <= end {
    sixteen(x, rgb)
    rgb += 48
    x &+= 16
  }
  while x < end {
    one(x, rgb)
    rgb += 3
    x &+= 1
  }
}
