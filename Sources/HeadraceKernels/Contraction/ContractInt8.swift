import CHeadrace

#if !HEADRACE_VNNI

#if !HEADRACE_DOTPROD

/// Convolution, dense: int8, sums in 32 bits.
func contractInt8(_ work: hr_contraction, _ strip: hr_strip) {
  let pixels = Int(strip.pixels)
  var block = Int(strip.first_block)
  while block < Int(strip.end_block) {
    #if HEADRACE_AVX2
    if block &+ 2 <= Int(strip.end_block), pixels > 1, strip.run_count > 0 {
      contractInt8Pair(work, strip, block: block)
      block &+= 2
      continue
    }
    #endif
    contractInt8Block(work, strip, block: block)
    block &+= 1
  }
}

#endif

/// A single pixel.
@inline(__always)
func sum1x8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>
) -> hr_sums_i8 {
  var sums = hr_no_sums_i8()
  for run in 0..<Int(strip.run_count) {
    let x = strip.input(run: run, pixel: pixel, as: Int8.self)
    let w = weights + Int(strip.weights[run])
    var k = 0
    while k &+ 8 <= Int(strip.run_length) {
      sums = hr_dot8(sums, w + k &* 8, x + k)
      k &+= 8
    }
    if k < Int(strip.run_length) { sums = hr_dot4(sums, w + k &* 8, x + k) }
  }
  return sums
}

#if !arch(arm64)

/// A block of output channels of a strip.
@inline(__always)
private func contractInt8Block(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let pixels = Int(strip.pixels)
  let channel = block &* 8
  let count = Int(work.channels) &- channel
  let blockWeights = weights + block &* Int(work.block_weights)
  let epilogue = EpilogueInt8(work.epilogue, channel: channel)
  var pixel = 0
  while pixel < pixels {
    let left = pixels &- pixel
    let target = y + (channel &+ pixel &* Int(strip.y_step))
    if left == 1 {
      let sums = sum1x8(strip, pixel, blockWeights)
      store8(epilogue(hr_dot_totals(sums)), target, count)
      break
    }
    let outputs = min(left, tilePixelsInt8)
    sumTileInt8(strip, pixel, blockWeights, epilogue).store(
      target, step: Int(strip.y_step), pixels: outputs, channels: count)
    pixel &+= outputs
  }
}

#endif

#endif

#if !arch(arm64)

/// Outputs of a tile of eight channels.
struct TileOutputs4 {
  var pixel0: SIMD8<Int8>
  var pixel1: SIMD8<Int8>
  var pixel2: SIMD8<Int8>
  var pixel3: SIMD8<Int8>

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: Int) {
    store8(pixel0, y, channels)
    if pixels > 1 { store8(pixel1, y + step, channels) }
    if pixels > 2 { store8(pixel2, y + 2 &* step, channels) }
    if pixels > 3 { store8(pixel3, y + 3 &* step, channels) }
  }
}

#endif

extension hr_strip {
  /// Where run `run` of a pixel begins.
  @inline(__always)
  func input<Element>(run: Int, pixel: Int, as type: Element.Type) -> UnsafePointer<Element> {
    x[run &* Int(capacity) &+ pixel].unsafelyUnwrapped.assumingMemoryBound(to: type)
  }
}
