import CHeadrace

#if HEADRACE_VNNI

/// Tiles of eight pixels by four blocks of eight channels: sixteen sums of sixteen lanes, of AVX-512's
/// thirty-two. Blocks that are left over make tiles of fewer channels.
func contractFloatTiles(_ contraction: FloatContraction, _ blocks: Range<Int>) {
  var block = blocks.lowerBound
  while block &+ 4 <= blocks.upperBound {
    contraction.sumPixels(FloatChannelsTwice<FloatChannelsWide>.self, block: block)
    block &+= 4
  }
  while block &+ 2 <= blocks.upperBound {
    contraction.sumPixels(FloatChannelsWide.self, block: block)
    block &+= 2
  }
  if block < blocks.upperBound { contraction.sumPixels(FloatChannels8.self, block: block) }
}

extension FloatContraction {
  /// All pixels of some blocks. Of a last tile up to two pixels are summed in vain; nine pixels are six and
  /// three, because a single pixel's sums would wait for each other.
  @inline(__always)
  fileprivate func sumPixels<Channels: FloatChannels>(_ channels: Channels.Type, block: Int) {
    var pixel = 0
    while pixels &- pixel >= 7, pixels &- pixel != 9 {
      sum(FloatTile8<Channels>.self, block: block, pixel: pixel)
      pixel &+= 8
    }
    if pixels &- pixel >= 5 {
      sum(FloatTile6<Channels>.self, block: block, pixel: pixel)
      pixel &+= 6
    }
    sumRest(channels, block: block, pixel: pixel)
  }
}

#endif
