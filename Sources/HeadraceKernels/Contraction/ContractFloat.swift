import CHeadrace

/// Convolution, dense: float32.
func contractFloat(_ work: hr_contraction, _ strip: hr_strip) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let step = Int(strip.y_step)
  let pixels = Int(strip.pixels)
  var block = Int(strip.first_block)
  while block < Int(strip.end_block) {
    let channel = block &* 8
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    let bias = work.epilogue.bias8(channel, as: Float.self)
    var pixel = 0
    while pixel < pixels {
      let left = pixels &- pixel
      let target = y + (channel &+ pixel &* step)
      if left == 1 {
        store8(work.epilogue.float(sum1x8(strip, pixel, blockWeights, bias)), target, count)
        break
      }
      let sums = sum4x8(strip, pixel, blockWeights, bias)
      store8(work.epilogue.float(sums.pixel0), target, count)
      store8(work.epilogue.float(sums.pixel1), target + step, count)
      if left > 2 { store8(work.epilogue.float(sums.pixel2), target + 2 &* step, count) }
      if left > 3 { store8(work.epilogue.float(sums.pixel3), target + 3 &* step, count) }
      pixel &+= 4
    }
    block &+= 1
  }
}

@inline(__always)
private func sum4x8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Float>, _ bias: SIMD8<Float>
) -> TileSums<SIMD8<Float>> {
  var sums = TileSums(repeating: bias)
  for run in 0..<Int(strip.run_count) {
    let x0 = strip.input(run: run, pixel: pixel, as: Float.self)
    let x1 = strip.input(run: run, pixel: pixel &+ 1, as: Float.self)
    let x2 = strip.input(run: run, pixel: pixel &+ 2, as: Float.self)
    let x3 = strip.input(run: run, pixel: pixel &+ 3, as: Float.self)
    var w = weights + Int(strip.weights[run])
    var k = 0
    while k < Int(strip.run_length) {
      let row = load8(w)
      sums.pixel0 = hr_mac_f32x8(sums.pixel0, row, x0[k])
      sums.pixel1 = hr_mac_f32x8(sums.pixel1, row, x1[k])
      sums.pixel2 = hr_mac_f32x8(sums.pixel2, row, x2[k])
      sums.pixel3 = hr_mac_f32x8(sums.pixel3, row, x3[k])
      w += 8
      k &+= 1
    }
  }
  return sums
}

@inline(__always)
private func sum1x8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Float>, _ bias: SIMD8<Float>
) -> SIMD8<Float> {
  var sums = bias
  for run in 0..<Int(strip.run_count) {
    let x = strip.input(run: run, pixel: pixel, as: Float.self)
    var w = weights + Int(strip.weights[run])
    var k = 0
    while k < Int(strip.run_length) {
      sums = hr_mac_f32x8(sums, load8(w), x[k])
      w += 8
      k &+= 1
    }
  }
  return sums
}
