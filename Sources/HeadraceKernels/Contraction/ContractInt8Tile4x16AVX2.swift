import CHeadrace

#if HEADRACE_AVX2

/// Sums of four pixels by two blocks of eight channels, `a` and `b`: what is done to an input, broadcasting it and
/// taking its magnitude, serves both blocks.
private struct TilePairSums {
  var a0: SIMD8<Int32>
  var a1: SIMD8<Int32>
  var a2: SIMD8<Int32>
  var a3: SIMD8<Int32>
  var b0: SIMD8<Int32>
  var b1: SIMD8<Int32>
  var b2: SIMD8<Int32>
  var b3: SIMD8<Int32>

  @inline(__always)
  init(
    _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, blockStep: Int,
    from bias: SIMD8<Int32>, _ nextBias: SIMD8<Int32>
  ) {
    (a0, a1, a2, a3) = (bias, bias, bias, bias)
    (b0, b1, b2, b3) = (nextBias, nextBias, nextBias, nextBias)
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
  }
}

/// What becomes of the sums of two blocks of channels, which hold the bias already.
private struct EpiloguePair {
  let a: EpilogueInt8
  let b: EpilogueInt8
  private let halvesA: Halves
  private let halvesB: Halves
  private let isSmall: Bool

  @inline(__always)
  init(_ epilogue: hr_epilogue, channel: Int) {
    a = EpilogueInt8(epilogue, channel: channel)
    b = EpilogueInt8(epilogue, channel: channel &+ 8)
    halvesA = Halves(a)
    halvesB = Halves(b)
    isSmall = a.isSmall && b.isSmall
  }

  /// Stores `channels` of sixteen channels of the first `pixels` of four pixels.
  @inline(__always)
  func store(
    _ sums: TilePairSums, _ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: Int
  ) {
    guard isSmall && pixels >= 4 && channels >= 16 else {
      TileOutputs4(
        pixel0: a.finished(sums.a0), pixel1: a.finished(sums.a1), pixel2: a.finished(sums.a2),
        pixel3: a.finished(sums.a3)
      ).store(y, step: step, pixels: pixels, channels: channels)
      TileOutputs4(
        pixel0: b.finished(sums.b0), pixel1: b.finished(sums.b1), pixel2: b.finished(sums.b2),
        pixel3: b.finished(sums.b3)
      ).store(y + 8, step: step, pixels: pixels, channels: channels &- 8)
      return
    }
    hr_store_pixels_i8x32(
      hr_blocks_of_halves(
        halvesA(sums.a0), halvesB(sums.b0), halvesA(sums.a1), halvesB(sums.b1), a.zero, a.low,
        a.high), y, y + step)
    hr_store_pixels_i8x32(
      hr_blocks_of_halves(
        halvesA(sums.a2), halvesB(sums.b2), halvesA(sums.a3), halvesB(sums.b3), a.zero, a.low,
        a.high), y + 2 &* step, y + 3 &* step)
  }
}

/// Two blocks of output channels of a strip.
func contractInt8Pair(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let blockStep = Int(work.block_weights)
  let weights =
    work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + block &* blockStep
  let channel = block &* 8
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  let step = Int(strip.y_step)
  let epilogue = EpiloguePair(work.epilogue, channel: channel)
  var pixel = 0
  while pixel < Int(strip.pixels) {
    let sums = TilePairSums(
      strip, pixel, weights, blockStep: blockStep, from: epilogue.a.bias, epilogue.b.bias)
    epilogue.store(
      sums, y + pixel &* step, step: step, pixels: Int(strip.pixels) &- pixel,
      channels: Int(work.channels) &- channel)
    pixel &+= 4
  }
}

#endif
