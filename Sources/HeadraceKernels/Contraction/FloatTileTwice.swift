import CHeadrace

#if arch(arm64)

/// The pixels of a tile, with twice as many blocks of channels. One half is done after the other, and weights
/// are loaded no sooner: both halves' would be too many for the registers.
struct FloatTileTwice<Half: FloatTile>: FloatTile {
  typealias Channels = FloatChannelsTwice<Half.Channels>

  var low: Half
  var high: Half

  static var pixels: Int { Half.pixels }

  @inline(__always)
  static func inputs(_ list: UnsafePointer<UnsafeRawPointer?>) -> Half.Inputs { Half.inputs(list) }

  @inline(__always)
  static func take(_ x: inout Half.Inputs) -> Half.Vectors { Half.take(&x) }

  @inline(__always)
  static func take4(_ x: inout Half.Inputs) -> Half.Vectors { Half.take4(&x) }

  @inline(__always)
  init(bias: Channels) {
    low = Half(bias: bias.low)
    high = Half(bias: bias.high)
  }

  @inline(__always)
  init(biasAt bias: inout UnsafePointer<Float>?, channel: Int) {
    low = Half(biasAt: &bias, channel: channel)
    high = Half(biasAt: &bias, channel: channel &+ Half.Channels.blocks &* 8)
  }

  @inline(__always)
  mutating func addTwoRows(_ rows: inout Channels.Rows, _ x: Half.Vectors, lane: Int) {
    low.addTwoRows(&rows.low, x, lane: lane)
    hr_load_no_sooner()
    high.addTwoRows(&rows.high, x, lane: lane)
    hr_load_no_sooner()
  }

  @inline(__always)
  mutating func add(_ weights: Channels, _ x: Half.Inputs, _ k: Int) {
    low.add(weights.low, x, k)
    high.add(weights.high, x, k)
  }

  @inline(__always)
  mutating func add(_ weights: Channels, _ x: Half.Vectors, lane: Int) {
    low.add(weights.low, x, lane: lane)
    high.add(weights.high, x, lane: lane)
  }

  @inline(__always)
  mutating func raise(to low: Float) {
    self.low.raise(to: low)
    high.raise(to: low)
  }

  @inline(__always)
  mutating func lower(to high: Float) {
    low.lower(to: high)
    self.high.lower(to: high)
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, step: Int, pixels: Int, channels: Int) {
    low.store(y, step: step, pixels: pixels, channels: channels)
    high.store(
      y + Half.Channels.blocks &* 8, step: step, pixels: pixels,
      channels: channels &- Half.Channels.blocks &* 8)
  }
}

#endif
