import CHeadrace

#if arch(arm64)

/// Convolution, dense: int16 activations, int8 weights.
func contractInt16(_ work: UnsafePointer<hr_contraction>, _ strip: UnsafePointer<hr_strip>) {
  hr_contract_i16(work, strip)
}

#else

/// Inputs whose products with weights a 32-bit sum surely holds: 508 * 2^15 * 127 < 2^31.
private var exactInputs: Int { 508 }

private var tilePixels: Int { Int(HR_TILE_PIXELS_I16) }

func contractInt16(_ work: UnsafePointer<hr_contraction>, _ strip: UnsafePointer<hr_strip>) {
  contractInt16(work.pointee, strip.pointee)
}

/// Sums in 32 bits move to 64 bits before they can overflow.
private func contractInt16(_ work: hr_contraction, _ strip: hr_strip) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let pixels = Int(strip.pixels)
  let products = Int(strip.run_count) &* Int(strip.run_length)
  var block = Int(strip.first_block)
  while block < Int(strip.end_block) {
    let channel = block &* 8
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    let bias = work.epilogue.bias8(channel, as: Int64.self)
    if products <= exactInputs, let narrow = NarrowBlock(work.epilogue, channel, bias, products) {
      narrow.contract(strip, blockWeights, to: y + channel, count)
      block &+= 1
      continue
    }
    var pixel = 0
    while pixel < pixels {
      // Pointers behind the last pixel repeat it: a last tile computes it more than once.
      var totals = sumTile(strip, pixel, blockWeights, bias)
      withUnsafeBytes(of: &totals) { totals in
        var target = y + (channel &+ pixel &* Int(strip.y_step))
        for index in 0..<min(tilePixels, pixels &- pixel) {
          let sums = totals.loadUnaligned(fromByteOffset: index &* 64, as: SIMD8<Int64>.self)
          store8(work.epilogue.int16(sums, channel), target, count)
          target += Int(strip.y_step)
        }
      }
      pixel &+= tilePixels
    }
    block &+= 1
  }
}

/// Eight channels whose sums with the bias fit 32 bits, and whose factors are below 1/2.
private struct NarrowBlock {
  let bias: SIMD8<Int32>
  /// With 31 bits.
  let multipliers: SIMD8<Int32>
  let shifts: SIMD8<Int32>
  let low: Int32
  let high: Int32
  #if HEADRACE_AVX2
  private let halves: Halves
  private let hasHalves: Bool
  #endif

  /// nil where that may not be so.
  init?(_ epilogue: hr_epilogue, _ channel: Int, _ bias: SIMD8<Int64>, _ products: Int) {
    let most = Int64(products) &* (127 &<< 15)
    multipliers = load8(epilogue.multipliers.unsafelyUnwrapped + channel) &<< 16
    shifts = load8(epilogue.shifts.unsafelyUnwrapped + channel) &+ 16
    (low, high) = (epilogue.clamp_min, epilogue.clamp_max)
    self.bias = SIMD8(truncatingIfNeeded: bias)
    #if HEADRACE_AVX2
    halves = Halves(multipliers, shifts)
    hasHalves = hr_have_halves_i32x8(multipliers, shifts)
    #endif
    guard hr_fits_within_i32x8(bias, most), hr_are_small_i32x8(multipliers, shifts) else {
      return nil
    }
  }

  @inline(__always)
  func contract(
    _ strip: hr_strip, _ weights: UnsafePointer<Int8>, to y: UnsafeMutablePointer<Int16>,
    _ channels: Int
  ) {
    let length = Int(strip.run_length)
    var y = y
    for pixel in stride(from: 0, to: Int(strip.pixels), by: tilePixels) {
      var tile = hr_tile_i16()
      var inputs = strip.x.unsafelyUnwrapped + pixel
      for run in 0..<Int(strip.run_count) {
        tile = hr_dot_tile_i16(tile, 0, length, weights + Int(strip.weights[run]), inputs)
        inputs += Int(strip.capacity)
      }
      var totals = hr_narrow_totals_of_i16(tile, bias)
      withUnsafeBytes(of: &totals) { totals in
        #if HEADRACE_AVX2
        if hasHalves && channels >= 8 {
          y = storeHalves(totals, y, Int(strip.y_step), Int(strip.pixels) &- pixel)
          return
        }
        #endif
        for index in 0..<min(tilePixels, Int(strip.pixels) &- pixel) {
          let sums = totals.loadUnaligned(fromByteOffset: index &* 32, as: SIMD8<Int32>.self)
          let scaled = hr_requantize_small_i32x8(sums, multipliers, shifts)
          store8(hr_narrow_to_i16x8(hr_clamp_i32x8(scaled, low, high)), y, channels)
          y += Int(strip.y_step)
        }
      }
    }
  }
}

#if HEADRACE_AVX2
extension NarrowBlock {
  /// Stores eight channels of up to `pixels` pixels, two at a time; returns where the next tile's go.
  @inline(__always)
  fileprivate func storeHalves(
    _ totals: UnsafeRawBufferPointer, _ y: UnsafeMutablePointer<Int16>, _ step: Int,
    _ pixels: Int
  ) -> UnsafeMutablePointer<Int16> {
    @inline(__always)
    func pixel(_ index: Int) -> SIMD8<Int32> {
      halves(totals.loadUnaligned(fromByteOffset: index &* 32, as: SIMD8<Int32>.self))
    }
    hr_store_halves_i16x8(
      pixel(0), pixels > 1 ? pixel(1) : pixel(0), low, high, y, pixels > 1 ? y + step : y)
    guard pixels > 2 else { return y + pixels &* step }
    let third = y + 2 &* step
    hr_store_halves_i16x8(
      pixel(2), pixels > 3 ? pixel(3) : pixel(2), low, high, third,
      pixels > 3 ? third + step : third)
    return y + 4 &* step
  }
}
#endif

/// Sums of a tile's pixels by eight channels, with the bias.
@inline(__always)
private func sumTile(
  _ strip: hr_strip, _ pixel: Int, _ weights: UnsafePointer<Int8>, _ bias: SIMD8<Int64>
) -> hr_totals_i16 {
  var totals = hr_totals_from_bias_i16(bias)
  var tile = hr_tile_i16()
  var room = exactInputs
  let length = Int(strip.run_length)
  var inputs = strip.x.unsafelyUnwrapped + pixel
  for run in 0..<Int(strip.run_count) {
    let runWeights = weights + Int(strip.weights[run])
    var first = 0
    while first < length {
      if room == 0 {
        totals = hr_add_tile_i16(totals, tile)
        tile = hr_tile_i16()
        room = exactInputs
      }
      let count = min(length &- first, room)
      tile = hr_dot_tile_i16(tile, first, count, runWeights, inputs)
      room &-= (count &+ 3) & ~3
      first &+= count
    }
    inputs += Int(strip.capacity)
  }
  return hr_add_tile_i16(totals, tile)
}

#endif
