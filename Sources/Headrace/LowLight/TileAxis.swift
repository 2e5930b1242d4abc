/// How tiles of one size cover one side of a picture.
///
/// Tiles overlap so far that nobody sees where one ends: what is kept of each is what a network that looks at
/// `margin` pixels around would have made of the whole picture. Only at the picture's own edges is a tile kept to
/// its edge. They begin at multiples of `grid`, as everything does that the network halves three times.
struct TileAxis {
  static var margin: Int { 64 }
  static var grid: Int { 8 }
  /// The least side of a tile: something is kept of one between two others.
  static var least: Int { 2 * margin + grid }

  let extent: Int
  let tile: Int

  private var step: Int { (tile &- 2 &* Self.margin) & ~(Self.grid &- 1) }
  /// Where the last tile begins.
  private var last: Int {
    extent <= tile ? 0 : (extent &- tile &+ Self.grid &- 1) & ~(Self.grid &- 1)
  }
  var count: Int { 1 &+ (last &+ step &- 1) / step }

  func start(_ index: Int) -> Int { min(index &* step, last) }

  /// What is kept of a tile, in pixels of the picture.
  func kept(_ index: Int) -> Range<Int> {
    let from = index == 0 ? 0 : start(index) &+ Self.margin
    return from..<(index &+ 1 == count ? extent : start(index &+ 1) &+ Self.margin)
  }
}
