import CHeadrace

#if HEADRACE_VNNI

/// Tiles of six pixels by eight blocks of eight channels: 24 of 32 registers are sums, and what is read of
/// the inputs serves 64 channels. Fewer channels take registers of eight lanes: an input in sixteen takes
/// as long as two multiplications.
func contractFloatTiles(_ contraction: FloatContraction, _ blocks: Range<Int>) {
  var block = blocks.lowerBound
  while block &+ 8 <= blocks.upperBound {
    contraction.sumAll(
      FloatChannelsTwice<FloatChannelsTwice<FloatChannelsWide>>.self, block: block)
    block &+= 8
  }
  if block &+ 4 <= blocks.upperBound {
    contraction.sumAll(FloatChannels32.self, block: block)
    block &+= 4
  }
  if block &+ 2 <= blocks.upperBound {
    contraction.sumAll(FloatChannels16.self, block: block)
    block &+= 2
  }
  if block < blocks.upperBound { contraction.sumLast(block: block) }
}

extension FloatContraction {
  /// All pixels of some blocks, no more: a few keep the multipliers as busy as six.
  @inline(__always)
  fileprivate func sumAll<Channels: FloatChannels>(_ channels: Channels.Type, block: Int) {
    var pixel = 0
    while pixels &- pixel >= 6 {
      sum(FloatTile6<Channels>.self, block: block, pixel: pixel)
      pixel &+= 6
    }
    switch pixels &- pixel {
    case 5: sum(FloatTile5<Channels>.self, block: block, pixel: pixel)
    case 4: sum(FloatTile4<Channels>.self, block: block, pixel: pixel)
    case 3: sum(FloatTile3<Channels>.self, block: block, pixel: pixel)
    case 2: sum(FloatTile2<Channels>.self, block: block, pixel: pixel)
    case 1: sum(FloatTile1<Channels>.self, block: block, pixel: pixel)
    default: break
    }
  }
}

private typealias FloatTile3<Channels: FloatChannels> = FloatTilePair<
  FloatTile2<Channels>, FloatTile1<Channels>
>
private typealias FloatTile5<Channels: FloatChannels> = FloatTilePair<
  FloatTile4<Channels>, FloatTile1<Channels>
>

/// Adds a run of `length` inputs of each pixel. Where tiles are wide, each brings nearer a quarter of the
/// weights that those of the next 64 channels read.
@inline(__always)
func addRun<Tile: FloatTile>(
  _ sums: inout Tile, _ x: Tile.Inputs, _ weights: UnsafePointer<Float>, step: Int, length: Int,
  pixel: Int
) {
  var w = weights
  var next = weights + (8 &* step &+ pixel / 6 &* 16 &* length)
  for k in 0..<length {
    if Tile.Channels.blocks == 8 && Tile.pixels > 1 { hr_prefetch(next) }
    sums.add(Tile.Channels(w, step: step), x, k)
    next += 16
    w += 8
  }
}

#endif
