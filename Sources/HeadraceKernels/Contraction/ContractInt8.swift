import CHeadrace

/// Convolution, dense: int8, sums in 32 bits.
func contractInt8(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  let length = Int(tile.run_length)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    let bias = work.epilogue.bias8(channel, as: Int32.self)
    var run = 0
    if pixels == 1 {
      var sums = bias
      while run < Int(tile.run_count) {
        let x = tile.x[run &* Tile.pixels].unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
        accumulate1(&sums, x, blockWeights + Int(tile.weights[run]), length)
        run &+= 1
      }
      store8(work.epilogue.int8(sums, channel), y + channel, count)
    } else {
      var sums = TileSums(repeating: bias)
      while run < Int(tile.run_count) {
        let x = RunInputs<Int8>(tile, run: run)
        accumulate4(&sums, x, blockWeights + Int(tile.weights[run]), length)
        run &+= 1
      }
      store8(work.epilogue.int8(sums.pixel0, channel), y + channel, count)
      store8(work.epilogue.int8(sums.pixel1, channel), y + (channel &+ step), count)
      if pixels > 2 {
        store8(work.epilogue.int8(sums.pixel2, channel), y + (channel &+ 2 &* step), count)
      }
      if pixels > 3 {
        store8(work.epilogue.int8(sums.pixel3, channel), y + (channel &+ 3 &* step), count)
      }
    }
    block &+= 1
  }
}
