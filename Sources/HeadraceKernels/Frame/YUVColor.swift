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
  let end = x &+ count
  var x = x
  var rgb = rgb
  while x < end {
    let pair = row + (x &>> 1) &* 4
    let chroma = matrix.chroma(pair[1], pair[3])
    if x & 1 == 0 {
      matrix.store(pair[0], chroma, rgb)
      rgb += 3
      x &+= 1
      if x == end { break }
    }
    matrix.store(pair[2], chroma, rgb)
    rgb += 3
    x &+= 1
  }
}

/// One row of NV12, NV21 (`chromaStep` 2) or I420 (1): two pixels share a sample of U and of V, which
/// is repeated, not interpolated. `x` may be odd.
func convertYUV420(
  _ y: UnsafePointer<UInt8>, _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>,
  _ chromaStep: Int, _ x: Int, _ count: Int, _ fullRange: UInt32,
  _ rgb: UnsafeMutablePointer<UInt8>
) {
  let matrix = YUVMatrix(fullRange: fullRange)
  let end = x &+ count
  var x = x
  var rgb = rgb
  while x < end {
    let sample = (x &>> 1) &* chromaStep
    let chroma = matrix.chroma(u[sample], v[sample])
    if x & 1 == 0 {
      matrix.store(y[x], chroma, rgb)
      rgb += 3
      x &+= 1
      if x == end { break }
    }
    matrix.store(y[x], chroma, rgb)
    rgb += 3
    x &+= 1
  }
}
