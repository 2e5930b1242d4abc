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
    let (w0, w1) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w0, inputs, lane: 0)
    sums.add(w1, inputs, lane: 1)
    let (w2, w3) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w2, inputs, lane: 2)
    sums.add(w3, inputs, lane: 3)
    let (w4, w5) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w4, inputs, lane: 4)
    sums.add(w5, inputs, lane: 5)
    let (w6, w7) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w6, inputs, lane: 6)
    sums.add(w7, inputs, lane: 7)
    left &-= 8
  }
  if left >= 4 {
    let inputs = Tile.take4(&x)
    let (w0, w1) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w0, inputs, lane: 0)
    sums.add(w1, inputs, lane: 1)
    let (w2, w3) = Tile.Channels.twoRows(&w, step: step)
    sums.add(w2, inputs, lane: 2)
    sums.add(w3, inputs, lane: 3)
    left &-= 4
  }
  for k in 0..<left {
    sums.add(Tile.Channels(w, step: step), x, k)
    w += 8
  }
}

#endif
