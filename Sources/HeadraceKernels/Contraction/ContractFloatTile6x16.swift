import CHeadrace

#if HEADRACE_AVX2

/// Tiles of six pixels by two blocks of eight channels: twelve sums of eight lanes, two rows of weights
/// and an input in every lane. A block that is left over makes tiles of eight pixels.
func contractFloatTiles(_ contraction: FloatContraction, _ blocks: Range<Int>) {
  var block = blocks.lowerBound
  while block &+ 2 <= blocks.upperBound {
    var pixel = 0
    // Seven are four and three: a single pixel's sums would wait for each other.
    while contraction.pixels &- pixel >= 5, contraction.pixels &- pixel != 7 { pixel &+= 6 }
    contraction.sumAll(FloatTile6<FloatChannels16>.self, block: block, end: pixel)
    contraction.sumRest(FloatChannels16.self, block: block, pixel: pixel)
    block &+= 2
  }
  if block < blocks.upperBound { contraction.sumLast(block: block) }
}

/// Adds a run of `length` inputs of each pixel.
@inline(__always)
func addRun<Tile: FloatTile>(
  _ sums: inout Tile, _ x: Tile.Inputs, _ weights: UnsafePointer<Float>, step: Int, length: Int
) {
  var w = weights
  for k in 0..<length {
    sums.add(Tile.Channels(w, step: step), x, k)
    w += 8
  }
}

#endif
