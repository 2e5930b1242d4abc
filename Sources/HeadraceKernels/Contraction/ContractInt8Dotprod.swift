import CHeadrace

#if HEADRACE_DOTPROD

/// Convolution, dense: int8, sums in 32 bits. Two blocks of output channels at a time, so that an input that is
/// loaded serves both.
func contractInt8(_ work: hr_contraction, _ strip: hr_strip) {
  var block = Int(strip.first_block)
  while block < Int(strip.end_block) {
    let blocks = min(2, Int(strip.end_block) &- block)
    if strip.pixels > 1, strip.run_count > 0, hr_contract_wide_i8(work, strip, block, 8 &* blocks) {
      block &+= blocks
    } else {
      contractInt8Block(work, strip, block: block)
      block &+= 1
    }
  }
}

/// A block of output channels of a strip, a pixel at a time: for factors of 1/2 and above, single pixels, and
/// pixels that nothing reaches, as a transposed convolution has them.
@inline(__always)
private func contractInt8Block(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let channel = block &* 8
  let weights =
    work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
    + block &* Int(work.block_weights)
  var y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  let epilogue = EpilogueInt8(work.epilogue, channel: channel)
  for pixel in 0..<Int(strip.pixels) {
    store8(epilogue(sum1x8(strip, pixel, weights)), y, Int(work.channels) &- channel)
    y += Int(strip.y_step)
  }
}

#endif
