import CHeadrace

/// Convolution, dense: float32.
func contractFloat(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    let bias = work.epilogue.bias8(channel, as: Float.self)
    if pixels == 1 {
      let sums = accumulate1(tile, blockWeights, bias)
      store8(work.epilogue.float(sums), y + channel, count)
    } else {
      let sums = accumulate4(tile, blockWeights, bias)
      store8(work.epilogue.float(sums.pixel0), y + channel, count)
      store8(work.epilogue.float(sums.pixel1), y + (channel &+ step), count)
      if pixels > 2 {
        store8(work.epilogue.float(sums.pixel2), y + (channel &+ 2 &* step), count)
      }
      if pixels > 3 {
        store8(work.epilogue.float(sums.pixel3), y + (channel &+ 3 &* step), count)
      }
    }
    block &+= 1
  }
}

@inline(__always)
private func accumulate4(
  _ tile: hr_contraction_tile, _ weights: UnsafePointer<Float>, _ bias: SIMD8<Float>
) -> TileSums<SIMD8<Float>> {
  var sums = TileSums(repeating: bias)
  var run = 0
  while run < Int(tile.run_count) {
    let x = RunInputs<Float>(tile, run: run)
    var w = weights + Int(tile.weights[run])
    var k = 0
    while k < Int(tile.run_length) {
      let row = load8(w)
      sums.pixel0 = hr_mac_f32x8(sums.pixel0, row, x.pixel0[k])
      sums.pixel1 = hr_mac_f32x8(sums.pixel1, row, x.pixel1[k])
      sums.pixel2 = hr_mac_f32x8(sums.pixel2, row, x.pixel2[k])
      sums.pixel3 = hr_mac_f32x8(sums.pixel3, row, x.pixel3[k])
      w += Tile.channels
      k &+= 1
    }
    run &+= 1
  }
  return sums
}

@inline(__always)
private func accumulate1(
  _ tile: hr_contraction_tile, _ weights: UnsafePointer<Float>, _ bias: SIMD8<Float>
) -> SIMD8<Float> {
  var sums = bias
  var run = 0
  while run < Int(tile.run_count) {
    let x = tile.x[run &* Tile.pixels].unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
    var w = weights + Int(tile.weights[run])
    var k = 0
    while k < Int(tile.run_length) {
      sums = hr_mac_f32x8(sums, load8(w), x[k])
      w += Tile.channels
      k &+= 1
    }
    run &+= 1
  }
  return sums
}
