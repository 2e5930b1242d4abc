import CHeadrace

/// A Winograd convolution's extents, and how its work is cut: into tiles of outputs, tiles into strips
/// whose transformed inputs stay in a second-level cache.
struct WinogradTiles {
  let pictures: Int
  let rows: WindowAxis
  let columns: WindowAxis
  let inputChannels: Int
  let outputChannels: Int
  /// Of the kernel, along an axis, in one phase of the stride; a tile has `size` x `size` outputs.
  let taps: Int

  init(_ x: hrm_tensor, _ y: hrm_tensor, _ conv: hrm_conv) {
    pictures = x.batch
    rows = WindowAxis(
      x.height, y.height, Int(conv.kernel_h), conv.stride_h, conv.dilation_h, conv.pad_top)
    columns = WindowAxis(
      x.width, y.width, Int(conv.kernel_w), conv.stride_w, conv.dilation_w, conv.pad_left)
    inputChannels = x.channels
    outputChannels = y.channels
    taps = (rows.kernel &+ rows.stride &- 1) / rows.stride
  }

  static var points: Int { Int(HR_WINOGRAD_POINTS) }
  /// Points of a tile along an axis.
  static var extent: Int { 6 }

  var size: Int { WinogradTiles.extent &+ 1 &- taps }
  /// Pixels of a stride that become channels of one.
  var phases: Int { rows.stride &* rows.stride }
  /// Channels at a point.
  var depth: Int { phases &* inputChannels }
  /// Floats from a tile's channels at a point to the next tile's: transforms write up to three more.
  var step: Int { (depth &+ 7) & ~3 }

  var tileRows: Int { (rows.output &+ size &- 1) / size }
  var tileColumns: Int { (columns.output &+ size &- 1) / size }
  var tiles: Int { pictures &* tileRows &* tileColumns }

  /// Tiles of a strip, a multiple of twelve: contractions sum four, six or eight pixels at once.
  var stripTiles: Int {
    let room = WinogradTiles.inputFloats / (WinogradTiles.points &* step) / 12
    return 12 &* min(max(room, 1), 4)
  }
  /// Places for them, a multiple of eight.
  var capacity: Int { (stripTiles &+ 7) & ~7 }

  /// What threads share out: less than a strip, or one of them had a strip more than the others.
  var shares: Int { (tiles &+ WinogradTiles.shareTiles &- 1) / WinogradTiles.shareTiles }
  static var shareTiles: Int { 4 }

  private static var inputFloats: Int { 61440 }

  var blocks: Int { (outputChannels &+ 7) / 8 }
  /// Blocks of output channels whose products are transformed back at once.
  var chunkBlocks: Int { min(blocks, 4) }

  /// Multiply-accumulate operations that are really done.
  var products: Int64 {
    Int64(tiles) &* Int64(WinogradTiles.points &* depth) &* Int64(blocks &* 8)
  }
}
