import CHeadrace

#if HEADRACE_AVX2

/// Four pixels by two blocks of eight channels: what is done to an input, broadcasting it and taking
/// its magnitude, serves both blocks.
@inline(__always)
func sumTilePairInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, blockStep: Int,
  _ epilogue: EpilogueInt8, _ nextEpilogue: EpilogueInt8
) -> (TileOutputs4, TileOutputs4) {
  var a0 = hr_no_sums_i8()
  var a1 = a0
  var a2 = a0
  var a3 = a0
  var b0 = a0
  var b1 = a0
  var b2 = a0
  var b3 = a0
  let length = Int(strip.run_length)
  for run in 0..<Int(strip.run_count) {
    let x0 = strip.input(run: run, pixel: pixel, as: Int8.self)
    let x1 = strip.input(run: run, pixel: pixel &+ 1, as: Int8.self)
    let x2 = strip.input(run: run, pixel: pixel &+ 2, as: Int8.self)
    let x3 = strip.input(run: run, pixel: pixel &+ 3, as: Int8.self)
    let w = weights + Int(strip.weights[run])
    let next = w + blockStep
    var k = 0
    while k < length {
      let quad = k &* 8
      a0 = hr_dot4(a0, w + quad, x0 + k)
      b0 = hr_dot4(b0, next + quad, x0 + k)
      a1 = hr_dot4(a1, w + quad, x1 + k)
      b1 = hr_dot4(b1, next + quad, x1 + k)
      a2 = hr_dot4(a2, w + quad, x2 + k)
      b2 = hr_dot4(b2, next + quad, x2 + k)
      a3 = hr_dot4(a3, w + quad, x3 + k)
      b3 = hr_dot4(b3, next + quad, x3 + k)
      k &+= 4
    }
  }
  return (
    TileOutputs4(
      pixel0: epilogue(hr_dot_totals(a0)), pixel1: epilogue(hr_dot_totals(a1)),
      pixel2: epilogue(hr_dot_totals(a2)), pixel3: epilogue(hr_dot_totals(a3))),
    TileOutputs4(
      pixel0: nextEpilogue(hr_dot_totals(b0)), pixel1: nextEpilogue(hr_dot_totals(b1)),
      pixel2: nextEpilogue(hr_dot_totals(b2)), pixel3: nextEpilogue(hr_dot_totals(b3)))
  )
}

/// Two blocks of output channels of a strip.
func contractInt8Pair(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let blockStep = Int(work.block_weights)
  let weights =
    work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + block &* blockStep
  let channel = block &* 8
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  let step = Int(strip.y_step)
  let count = Int(work.channels) &- channel
  let epilogue = EpilogueInt8(work.epilogue, channel: channel)
  let nextEpilogue = EpilogueInt8(work.epilogue, channel: channel &+ 8)
  var pixel = 0
  while pixel < Int(strip.pixels) {
    let left = Int(strip.pixels) &- pixel
    let (outputs, next) = sumTilePairInt8(
      strip, pixel, weights, blockStep: blockStep, epilogue, nextEpilogue)
    let target = y + pixel &* step
    outputs.store(target, step: step, pixels: left, channels: count)
    next.store(target + 8, step: step, pixels: left, channels: count &- 8)
    pixel &+= 4
  }
}

#endif
