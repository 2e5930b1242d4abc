import CHeadrace

/// How many products of an int16 and an int8 a 32-bit sum surely holds: 511 * 2^15 * 2^7 < 2^31. A
/// multiple of 8, so that only the last part of a run takes the slow end of the loop.
var exactProducts: Int { 504 }

/// Convolution, dense: int16 activations, int8 weights. Sums in 32 bits move to 64 bits before they
/// can overflow.
func contractInt16(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  let length = Int(tile.run_length)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let blockWeights = weights + block &* Int(work.block_weights)
    var totals = TileSums(repeating: work.epilogue.bias8(channel, as: Int64.self))
    var sums = TileSums(repeating: SIMD8<Int32>(repeating: 0))
    var held = 0
    var run = 0
    while run < Int(tile.run_count) {
      let x = RunInputs<Int16>(tile, run: run)
      let w = blockWeights + Int(tile.weights[run])
      var k = 0
      while k < length {
        let products = min(length &- k, exactProducts &- held)
        if pixels == 1 {
          accumulate1(&sums.pixel0, x.pixel0 + k, w + k &* Tile.channels, products)
        } else {
          accumulate4(
            &sums, RunInputs(x, advancedBy: k), w + k &* Tile.channels, products)
        }
        k &+= products
        held &+= products
        if held == exactProducts {
          move(&sums, to: &totals)
          held = 0
        }
      }
      run &+= 1
    }
    move(&sums, to: &totals)
    store8(work.epilogue.int16(totals.pixel0, channel), y + channel, count)
    if pixels > 1 {
      store8(work.epilogue.int16(totals.pixel1, channel), y + (channel &+ step), count)
    }
    if pixels > 2 {
      store8(work.epilogue.int16(totals.pixel2, channel), y + (channel &+ 2 &* step), count)
    }
    if pixels > 3 {
      store8(work.epilogue.int16(totals.pixel3, channel), y + (channel &+ 3 &* step), count)
    }
    block &+= 1
  }
}

/// Empties 32-bit sums into 64-bit ones.
@inline(__always)
func move(
  _ sums: inout TileSums<SIMD8<Int32>>, to totals: inout TileSums<SIMD8<Int64>>
) {
  totals.pixel0 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel0)
  totals.pixel1 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel1)
  totals.pixel2 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel2)
  totals.pixel3 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel3)
  sums = TileSums(repeating: SIMD8(repeating: 0))
}
