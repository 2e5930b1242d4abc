import CHeadrace

#if !(arch(arm64) || HEADRACE_AVX2 || HEADRACE_VNNI)

/// Tiles of four pixels by eight channels: eight sums of four lanes, half of sixteen registers.
func contractFloatTiles(_ contraction: FloatContraction, _ blocks: Range<Int>) {
  for block in blocks {
    var pixel = 0
    while contraction.pixels &- pixel >= 3 {
      contraction.sum(FloatTile4<FloatChannels8>.self, block: block, pixel: pixel)
      pixel &+= 4
    }
    if pixel < contraction.pixels {
      contraction.sum(FloatTile2<FloatChannels8>.self, block: block, pixel: pixel)
    }
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
  #if arch(arm)
  // Four inputs of each pixel at once: multiply-accumulates take any lane.
  while left >= 4 {
    let inputs = Tile.take(&x)
    sums.add(Tile.Channels(w, step: step), inputs, lane: 0)
    hr_load_no_sooner()
    sums.add(Tile.Channels(w + 8, step: step), inputs, lane: 1)
    hr_load_no_sooner()
    sums.add(Tile.Channels(w + 16, step: step), inputs, lane: 2)
    hr_load_no_sooner()
    sums.add(Tile.Channels(w + 24, step: step), inputs, lane: 3)
    w += 32
    left &-= 4
  }
  #endif
  for k in 0..<left {
    sums.add(Tile.Channels(w, step: step), x, k)
    w += 8
  }
}

#endif
