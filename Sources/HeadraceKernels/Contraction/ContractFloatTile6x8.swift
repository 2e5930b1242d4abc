import CHeadrace

#if arch(arm64)

/// Tiles of six pixels by eight channels: twelve sums of four lanes, and eight inputs of each pixel in
/// the registers that remain, so that a load serves eight multiply-accumulates by lane.
func contractFloatTiles(_ contraction: FloatContraction, _ blocks: Range<Int>) {
  for block in blocks {
    var pixel = 0
    while contraction.pixels &- pixel >= 5 {
      contraction.sum(FloatTile6<FloatChannels8>.self, block: block, pixel: pixel)
      pixel &+= 6
    }
    contraction.sumRest(FloatChannels8.self, block: block, pixel: pixel)
  }
}

/// Adds a run of `length` inputs of each pixel.
@inline(__always)
func addRun<Tile: FloatTile>(
  _ sums: inout Tile, _ x: Tile.Inputs, _ weights: UnsafePointer<Float>, step: Int, length: Int
) {
  var x = x
  var w = weights
  var left = length
  while left >= 8 {
    let inputs = Tile.take(&x)
    sums.add(Tile.Channels(w, step: step), inputs, lane: 0)
    sums.add(Tile.Channels(w + 8, step: step), inputs, lane: 1)
    sums.add(Tile.Channels(w + 16, step: step), inputs, lane: 2)
    sums.add(Tile.Channels(w + 24, step: step), inputs, lane: 3)
    sums.add(Tile.Channels(w + 32, step: step), inputs, lane: 4)
    sums.add(Tile.Channels(w + 40, step: step), inputs, lane: 5)
    sums.add(Tile.Channels(w + 48, step: step), inputs, lane: 6)
    sums.add(Tile.Channels(w + 56, step: step), inputs, lane: 7)
    w += 64
    left &-= 8
  }
  for k in 0..<left {
    sums.add(Tile.Channels(w, step: step), x, k)
    w += 8
  }
}

#endif
