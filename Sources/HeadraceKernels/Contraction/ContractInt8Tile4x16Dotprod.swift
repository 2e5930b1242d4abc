import CHeadrace

#if HEADRACE_DOTPROD || HEADRACE_I8MM

/// Two blocks of output channels of a strip: four pixels by sixteen channels at a time, so that an input
/// that is loaded serves both blocks.
@inline(__always)
func contractInt8Pair(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let blockStep = Int(work.block_weights)
  let weights =
    work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + block &* blockStep
  let channel = block &* 8
  let channels = Int(work.channels) &- channel
  var y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  let step = Int(strip.y_step)
  let epilogue = EpilogueInt8(work.epilogue, channel: channel)
  let next = EpilogueInt8(work.epilogue, channel: channel &+ 8)
  let isSmall = epilogue.isSmall && next.isSmall && channels >= 16
  var pixel = 0
  while pixel < Int(strip.pixels) {
    let left = Int(strip.pixels) &- pixel
    let tiles = sumTilePairInt8(strip, pixel, weights, blockStep, epilogue, next)
    if isSmall && left >= 4 {
      @inline(__always)
      func store(_ a: SIMD8<Int32>, _ b: SIMD8<Int32>, _ y: UnsafeMutablePointer<Int8>) {
        UnsafeMutableRawPointer(y).storeBytes(
          of: epilogue.joined(epilogue.scaledSmall(a), next.scaledSmall(b)), as: SIMD16<Int8>.self)
      }
      store(tiles.a.p0, tiles.b.p0, y)
      store(tiles.a.p1, tiles.b.p1, y + step)
      store(tiles.a.p2, tiles.b.p2, y + 2 &* step)
      store(tiles.a.p3, tiles.b.p3, y + 3 &* step)
    } else {
      epilogue.store(tiles.a, y, step: step, pixels: left, channels: channels)
      next.store(tiles.b, y + 8, step: step, pixels: left, channels: channels &- 8)
    }
    y += 4 &* step
    pixel &+= 4
  }
}

/// Sums of four pixels by two blocks of eight channels, which hold the bias, over one run or more.
@inline(__always)
private func sumTilePairInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ blockStep: Int,
  _ epilogue: EpilogueInt8, _ next: EpilogueInt8
) -> hr_tile_pair_i8 {
  let a = epilogue.bias
  let b = next.bias
  var tiles = hr_tile_pair_i8(
    a: hr_tile_i8(p0: a, p1: a, p2: a, p3: a), b: hr_tile_i8(p0: b, p1: b, p2: b, p3: b))
  var inputs = strip.x.unsafelyUnwrapped + pixel
  var offset = strip.weights.unsafelyUnwrapped
  let end = offset + Int(strip.run_count)
  repeat {
    let w = weights + Int(offset.pointee)
    tiles = hr_dot_tile_pair(
      tiles, Int(strip.run_length), w, w + blockStep, inputs.run(0), inputs.run(1), inputs.run(2),
      inputs.run(3))
    inputs += Int(strip.capacity)
    offset += 1
  } while offset < end
  return tiles
}

#endif
