import CHeadrace

#if HEADRACE_SMLAD

/// Pixels of a tile: two by two channels. Four sums, the factors of two pixels and a weight, and where to
/// go on are what a CPU's fourteen registers hold; a block's channels are summed two at a time.
var tilePixelsInt8: Int { 2 }

struct TileOutputs2 {
  var pixel0: SIMD8<Int8>
  var pixel1: SIMD8<Int8>

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: Int) {
    store8(pixel0, y, channels)
    if pixels > 1 { store8(pixel1, y + step, channels) }
  }
}

/// The sums of two pixels from `pixel` on, finished.
func sumTileInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ epilogue: EpilogueInt8
) -> TileOutputs2 {
  var sums0 = SIMD8<Int32>.zero
  var sums1 = SIMD8<Int32>.zero
  for pair in 0..<4 {
    let (s00, s01, s10, s11) = sum2x2(strip, pixel, weights + 8 &* pair)
    sums0[2 &* pair] = s00
    sums0[2 &* pair &+ 1] = s01
    sums1[2 &* pair] = s10
    sums1[2 &* pair &+ 1] = s11
  }
  return TileOutputs2(pixel0: epilogue(sums0), pixel1: epilogue(sums1))
}

/// The sums of two channels, whose weights begin at `weights` in each quad.
@inline(never)
private func sum2x2(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>
) -> (Int32, Int32, Int32, Int32) {
  var s00: Int32 = 0
  var s01: Int32 = 0
  var s10: Int32 = 0
  var s11: Int32 = 0
  let length = Int(strip.run_length)
  for run in 0..<Int(strip.run_count) {
    var x0 = strip.input(run: run, pixel: pixel, as: Int8.self)
    var x1 = strip.input(run: run, pixel: pixel &+ 1, as: Int8.self)
    let end = x0 + length
    var w = weights + Int(strip.weights[run])
    while x0 != end {
      let first = hr_load_quad_i8(x0)
      let second = hr_load_quad_i8(x1)
      let w0 = hr_load_quad_i8(w)
      s00 = hr_dot_quad_i8(s00, w0, first)
      s10 = hr_dot_quad_i8(s10, w0, second)
      let w1 = hr_load_quad_i8(w + 4)
      s01 = hr_dot_quad_i8(s01, w1, first)
      s11 = hr_dot_quad_i8(s11, w1, second)
      w += 32
      x0 += 4
      x1 += 4
    }
  }
  return (s00, s01, s10, s11)
}

#endif
