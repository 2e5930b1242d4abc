import CHeadrace

#if arch(arm64) && !HEADRACE_DOTPROD

/// Sums of four pixels by eight channels, which hold the bias, over one run or more.
@inline(__always)
func sumTileInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ epilogue: EpilogueInt8
) -> hr_tile_i8 {
  let bias = hr_sums_from_bias_i8(epilogue.bias)
  var tile = hr_tile_i8(p0: bias, p1: bias, p2: bias, p3: bias)
  var inputs = strip.x.unsafelyUnwrapped + pixel
  var offset = strip.weights.unsafelyUnwrapped
  let end = offset + Int(strip.run_count)
  repeat {
    tile = hr_dot_tile(
      tile, Int(strip.run_length), weights + Int(offset.pointee), inputs.run(0), inputs.run(1),
      inputs.run(2), inputs.run(3))
    inputs += Int(strip.capacity)
    offset += 1
  } while offset < end
  return tile
}

extension UnsafePointer<UnsafeRawPointer?> {
  /// Where the run of a pixel begins, of those listed from here on.
  @inline(__always)
  func run(_ pixel: Int) -> UnsafePointer<Int8> {
    self[pixel].unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  }
}

extension EpilogueInt8 {
  /// Stores the outputs of the first `pixels` of a tile, the first `channels` of each.
  @inline(__always)
  func store(
    _ tile: hr_tile_i8, _ y: UnsafeMutablePointer<Int8>, step: Int, pixels: Int, channels: Int
  ) {
    let sums0 = hr_dot_totals(tile.p0)
    let sums1 = hr_dot_totals(tile.p1)
    let sums2 = hr_dot_totals(tile.p2)
    let sums3 = hr_dot_totals(tile.p3)
    if isSmall && pixels >= 4 && channels >= 8 {
      hr_store_halves_i8(joined(scaledSmall(sums0), scaledSmall(sums1)), y, y + step)
      hr_store_halves_i8(
        joined(scaledSmall(sums2), scaledSmall(sums3)), y + 2 &* step, y + 3 &* step)
      return
    }
    store8(finished(sums0), y, channels)
    if pixels > 1 { store8(finished(sums1), y + step, channels) }
    if pixels > 2 { store8(finished(sums2), y + 2 &* step, channels) }
    if pixels > 3 { store8(finished(sums3), y + 3 &* step, channels) }
  }

  /// Outputs of twice eight scaled sums.
  @inline(__always)
  func joined(_ a: SIMD8<Int32>, _ b: SIMD8<Int32>) -> SIMD16<Int8> {
    hr_narrow_clamped_i8x16(a, b, zero, low, high)
  }
}

/// A block of output channels of a strip.
@inline(__always)
func contractInt8Block(_ work: hr_contraction, _ strip: hr_strip, block: Int) {
  let channel = block &* 8
  let channels = Int(work.channels) &- channel
  let weights =
    work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
    + block &* Int(work.block_weights)
  var y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + channel
  let step = Int(strip.y_step)
  let epilogue = EpilogueInt8(work.epilogue, channel: channel)
  var pixel = 0
  while pixel < Int(strip.pixels) {
    let left = Int(strip.pixels) &- pixel
    // A transposed convolution has outputs that nothing reaches.
    if left == 1 || strip.run_count == 0 {
      store8(epilogue(hr_dot_totals(sum1x8(strip, pixel, weights))), y, channels)
      y += step
      pixel &+= 1
      continue
    }
    let tile = sumTileInt8(strip, pixel, weights, epilogue)
    epilogue.store(tile, y, step: step, pixels: left, channels: channels)
    y += 4 &* step
    pixel &+= 4
  }
}

#endif
