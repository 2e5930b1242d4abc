import CHeadrace

#if arch(arm64)

/// Sums of four pixels by eight channels, which hold the bias: sixteen inputs of each pixel at a time.
@inline(__always)
func sumTileInt8(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ epilogue: EpilogueInt8
) -> hr_tile_i8 {
  let bias = hr_sums_from_bias_i8(epilogue.bias)
  var tile = hr_tile_i8(p0: bias, p1: bias, p2: bias, p3: bias)
  let length = Int(strip.run_length)
  let steps = length / 16
  var inputs = strip.x + pixel
  for run in 0..<Int(strip.run_count) {
    var x0 = inputs.run(0)
    var x1 = inputs.run(1)
    var x2 = inputs.run(2)
    var x3 = inputs.run(3)
    inputs += Int(strip.capacity)
    var w = weights + Int(strip.weights[run])
    if steps > 0 {
      tile = hr_dot16_tile(tile, steps, w, x0, x1, x2, x3)
      if length & 15 == 0 { continue }
      w += steps &* 128
      x0 += steps &* 16
      x1 += steps &* 16
      x2 += steps &* 16
      x3 += steps &* 16
    }
    if length & 8 != 0 {
      tile.p0 = hr_dot8(tile.p0, w, x0)
      tile.p1 = hr_dot8(tile.p1, w, x1)
      tile.p2 = hr_dot8(tile.p2, w, x2)
      tile.p3 = hr_dot8(tile.p3, w, x3)
      w += 64
      x0 += 8
      x1 += 8
      x2 += 8
      x3 += 8
    }
    if length & 4 != 0 {
      tile.p0 = hr_dot4(tile.p0, w, x0)
      tile.p1 = hr_dot4(tile.p1, w, x1)
      tile.p2 = hr_dot4(tile.p2, w, x2)
      tile.p3 = hr_dot4(tile.p3, w, x3)
    }
  }
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
    if left == 1 {
      store8(epilogue(hr_dot_totals(sum1x8(strip, pixel, weights))), y, channels)
      return
    }
    let tile = sumTileInt8(strip, pixel, weights, epilogue)
    epilogue.store(tile, y, step: step, pixels: left, channels: channels)
    y += 4 &* step
    pixel &+= 4
  }
}

#endif
