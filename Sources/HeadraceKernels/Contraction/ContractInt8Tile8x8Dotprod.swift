import CHeadrace

#if HEADRACE_DOTPROD || HEADRACE_I8MM

/// Pixels of a tile: eight by eight channels, sixteen sums of four lanes. Sixteen inputs of each pixel
/// are loaded at once and multiplied lane by lane, so that a load serves eight dot products.
var tilePixelsInt8: Int { 8 }

struct TileOutputs8 {
  var low: TileOutputs4
  var high: TileOutputs4

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: Int) {
    low.store(y, step: step, pixels: pixels, channels: channels)
    if pixels > 4 { store8(high.pixel0, y + 4 &* step, channels) }
    if pixels > 5 { store8(high.pixel1, y + 5 &* step, channels) }
    if pixels > 6 { store8(high.pixel2, y + 6 &* step, channels) }
    if pixels > 7 { store8(high.pixel3, y + 7 &* step, channels) }
  }
}

/// The sums of eight pixels from `pixel` on, finished.
@inline(__always)
func sumTileInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ epilogue: EpilogueInt8
) -> TileOutputs8 {
  var s0 = hr_no_sums_i8()
  var s1 = s0
  var s2 = s0
  var s3 = s0
  var s4 = s0
  var s5 = s0
  var s6 = s0
  var s7 = s0
  let length = Int(strip.run_length)
  for run in 0..<Int(strip.run_count) {
    let p0 = strip.input(run: run, pixel: pixel, as: Int8.self)
    let p1 = strip.input(run: run, pixel: pixel &+ 1, as: Int8.self)
    let p2 = strip.input(run: run, pixel: pixel &+ 2, as: Int8.self)
    let p3 = strip.input(run: run, pixel: pixel &+ 3, as: Int8.self)
    let p4 = strip.input(run: run, pixel: pixel &+ 4, as: Int8.self)
    let p5 = strip.input(run: run, pixel: pixel &+ 5, as: Int8.self)
    let p6 = strip.input(run: run, pixel: pixel &+ 6, as: Int8.self)
    let p7 = strip.input(run: run, pixel: pixel &+ 7, as: Int8.self)
    var w = weights + Int(strip.weights[run])
    var k = 0
    while k &+ 16 <= length {
      let x0 = hr_load_i8x16(p0 + k)
      let x1 = hr_load_i8x16(p1 + k)
      let x2 = hr_load_i8x16(p2 + k)
      let x3 = hr_load_i8x16(p3 + k)
      let x4 = hr_load_i8x16(p4 + k)
      let x5 = hr_load_i8x16(p5 + k)
      let x6 = hr_load_i8x16(p6 + k)
      let x7 = hr_load_i8x16(p7 + k)
      @inline(__always)
      func quad(
        _ dot: (hr_sums_i8, UnsafePointer<Int8>?, SIMD16<Int8>) -> hr_sums_i8,
        _ w: UnsafePointer<Int8>
      ) {
        s0 = dot(s0, w, x0)
        s1 = dot(s1, w, x1)
        s2 = dot(s2, w, x2)
        s3 = dot(s3, w, x3)
        s4 = dot(s4, w, x4)
        s5 = dot(s5, w, x5)
        s6 = dot(s6, w, x6)
        s7 = dot(s7, w, x7)
      }
      quad({ hr_dot_lane0($0, $1, $2) }, w)
      quad({ hr_dot_lane1($0, $1, $2) }, w + 32)
      quad({ hr_dot_lane2($0, $1, $2) }, w + 64)
      quad({ hr_dot_lane3($0, $1, $2) }, w + 96)
      w += 128
      k &+= 16
    }
    while k < length {
      s0 = hr_dot4(s0, w, p0 + k)
      s1 = hr_dot4(s1, w, p1 + k)
      s2 = hr_dot4(s2, w, p2 + k)
      s3 = hr_dot4(s3, w, p3 + k)
      s4 = hr_dot4(s4, w, p4 + k)
      s5 = hr_dot4(s5, w, p5 + k)
      s6 = hr_dot4(s6, w, p6 + k)
      s7 = hr_dot4(s7, w, p7 + k)
      w += 32
      k &+= 4
    }
  }
  return TileOutputs8(
    low: TileOutputs4(
      pixel0: epilogue(s0), pixel1: epilogue(s1), pixel2: epilogue(s2), pixel3: epilogue(s3)),
    high: TileOutputs4(
      pixel0: epilogue(s4), pixel1: epilogue(s5), pixel2: epilogue(s6), pixel3: epilogue(s7)))
}

#endif
