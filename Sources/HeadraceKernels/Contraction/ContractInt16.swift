import CHeadrace

/// Quads of products of an int16 and an int8 that a 32-bit sum surely holds: 508 * 2^15 * 127 < 2^31.
private var exactQuads: Int { 127 }

/// Convolution, dense: int16 activations, int8 weights. Sums in 32 bits move to 64 bits before they
/// can overflow.
func contractInt16(_ work: hr_contraction, _ strip: hr_strip) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let pixels = Int(strip.pixels)
  var block = Int(strip.first_block)
  while block < Int(strip.end_block) {
    let channel = block &* 8
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    let bias = work.epilogue.bias8(channel, as: Int64.self)
    var pixel = 0
    while pixel < pixels {
      // An odd last pixel is computed twice: pointers beyond repeat it.
      let sums = sum2x8(strip, pixel, blockWeights, bias)
      let target = y + (channel &+ pixel &* Int(strip.y_step))
      store8(work.epilogue.int16(sums.0, channel), target, count)
      if pixel &+ 1 < pixels {
        store8(work.epilogue.int16(sums.1, channel), target + Int(strip.y_step), count)
      }
      pixel &+= 2
    }
    block &+= 1
  }
}

@inline(__always)
private func sum2x8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ bias: SIMD8<Int64>
) -> (SIMD8<Int64>, SIMD8<Int64>) {
  var totals = (bias, bias)
  var sums = (hr_sums_i16(repeating: 0), hr_sums_i16(repeating: 0))
  var room = exactQuads
  for run in 0..<Int(strip.run_count) {
    let x0 = strip.input(run: run, pixel: pixel, as: Int16.self)
    let x1 = strip.input(run: run, pixel: pixel &+ 1, as: Int16.self)
    let w = weights + Int(strip.weights[run])
    var k = 0
    while k < Int(strip.run_length) {
      if room == 0 {
        move(&sums.0, to: &totals.0)
        move(&sums.1, to: &totals.1)
        room = exactQuads
      }
      let end = min(Int(strip.run_length), k &+ 4 &* room)
      room &-= (end &- k) / 4
      while k < end {
        sums.0 = hr_dot4_i16(sums.0, w + k &* 8, x0 + k)
        sums.1 = hr_dot4_i16(sums.1, w + k &* 8, x1 + k)
        k &+= 4
      }
    }
  }
  move(&sums.0, to: &totals.0)
  move(&sums.1, to: &totals.1)
  return totals
}

/// Empties 32-bit sums into 64-bit ones.
@inline(__always)
private func move(_ sums: inout hr_sums_i16, to totals: inout SIMD8<Int64>) {
  totals &+= SIMD8<Int64>(truncatingIfNeeded: hr_dot_totals_i16(sums))
  sums = hr_sums_i16(repeating: 0)
}
