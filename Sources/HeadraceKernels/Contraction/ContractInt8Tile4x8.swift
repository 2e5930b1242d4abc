import CHeadrace

#if !arch(arm64) && !HEADRACE_SMLAD && !HEADRACE_VNNI

/// Pixels of a tile: four by eight channels, which fills the registers of 32-bit ARM and half of AVX2's.
var tilePixelsInt8: Int { 4 }

/// The sums of `tilePixelsInt8` pixels from `pixel` on, finished.
@inline(__always)
func sumTileInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ epilogue: EpilogueInt8
) -> TileOutputs4 {
  var sums0 = hr_no_sums_i8()
  var sums1 = sums0
  var sums2 = sums0
  var sums3 = sums0
  let length = Int(strip.run_length)
  for run in 0..<Int(strip.run_count) {
    let x0 = strip.input(run: run, pixel: pixel, as: Int8.self)
    let x1 = strip.input(run: run, pixel: pixel &+ 1, as: Int8.self)
    let x2 = strip.input(run: run, pixel: pixel &+ 2, as: Int8.self)
    let x3 = strip.input(run: run, pixel: pixel &+ 3, as: Int8.self)
    var w = weights + Int(strip.weights[run])
    var k = 0
    while k &+ 8 <= length {
      sums0 = hr_dot8(sums0, w, x0 + k)
      sums1 = hr_dot8(sums1, w, x1 + k)
      sums2 = hr_dot8(sums2, w, x2 + k)
      sums3 = hr_dot8(sums3, w, x3 + k)
      w += 64
      k &+= 8
    }
    if k < length {
      sums0 = hr_dot4(sums0, w, x0 + k)
      sums1 = hr_dot4(sums1, w, x1 + k)
      sums2 = hr_dot4(sums2, w, x2 + k)
      sums3 = hr_dot4(sums3, w, x3 + k)
    }
  }
  return TileOutputs4(
    pixel0: epilogue(hr_dot_totals(sums0)), pixel1: epilogue(hr_dot_totals(sums1)),
    pixel2: epilogue(hr_dot_totals(sums2)), pixel3: epilogue(hr_dot_totals(sums3)))
}

#endif
