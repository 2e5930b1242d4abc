import CHeadrace

/// The weights a, b, c of three taps in a row. Inputs come as pairs of neighbours (x0, x1), (x2, x3),
/// which two neighbouring outputs share.
struct TripleInt8<Channels: ChannelsInt8> {
  private let ab: Channels.Pair
  private let c: Channels.Pair
  private let a: Channels.Pair
  private let bc: Channels.Pair

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    ab = Channels.pair(weights, weights + step)
    c = Channels.first(weights + 2 &* step)
    a = Channels.second(weights)
    bc = Channels.pair(weights + step, weights + 2 &* step)
  }

  /// `sums + x0 a + x1 b + x2 c`
  @inline(__always)
  func even(_ sums: Channels.Sums, _ x01: Channels.Pair, _ x23: Channels.Pair) -> Channels.Sums {
    Channels.addFirst(Channels.add(sums, ab, x01), c, x23)
  }

  /// `sums + x1 a + x2 b + x3 c`
  @inline(__always)
  func odd(_ sums: Channels.Sums, _ x01: Channels.Pair, _ x23: Channels.Pair) -> Channels.Sums {
    Channels.add(Channels.addSecond(sums, a, x01), bc, x23)
  }
}
