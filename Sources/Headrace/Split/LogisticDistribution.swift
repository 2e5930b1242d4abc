import CHeadrace

/// A logistic distribution over the integers in steps of 2^-16, from integers alone: PACKET.md, "The learned
/// prior". Symbol j stands for the integer center - reach - 1 + j; the first and the last for all beyond.
struct LogisticDistribution {
  static var fractionBits: Int32 { 12 }
  static var leastScale: Int32 { 328 }
  static var largestScale: Int32 { 409_600 }

  /// The integer next to the mean.
  let center: Int32
  /// How far symbols of their own reach to either side.
  let reach: Int32
  private let fraction: Int32
  private let inverse: Int64

  /// `mean` and `scale` are in 4,096ths.
  init(mean: Int32, scale: Int32) {
    let scale = max(Self.leastScale, scale)
    center = (mean &+ 2048) &>> Self.fractionBits
    fraction = mean &- center &<< Self.fractionBits
    inverse = Int64((1 << 28) / UInt32(bitPattern: scale))
    reach = min(255, 2 &+ scale &>> 9)
  }

  var symbolCount: Int32 { 2 &* reach &+ 3 }

  /// What is below symbol `j` of 0 ... symbolCount, in 65,536ths: rises with every symbol.
  func below(_ j: Int32) -> UInt32 {
    guard j > 0 else { return 0 }
    guard j < symbolCount else { return 1 << 16 }
    let edge = (j &- 1 &- reach) &<< Self.fractionBits &- 2048 &- fraction
    let distance = (Int64(edge) &* inverse) &>> 18
    let tail = Self.tail(distance.magnitude)
    // The tail at a negative distance is that part of the distribution; at a positive one, the rest.
    let share = distance >= 0 ? 1 << 16 &- tail : tail
    // share * (65536 - symbolCount) fits in 32 bits.
    return (share &* (1 << 16 &- UInt32(bitPattern: symbolCount))) &>> 16 &+ UInt32(bitPattern: j)
  }

  /// 65536 / (1 + e^(distance / 1024)), the straight line between its values at multiples of 32.
  private static func tail(_ distance: UInt64) -> UInt32 {
    guard distance < 384 * 32 else { return 0 }
    let index = Int(truncatingIfNeeded: distance &>> 5)
    let start = Int32(hr_logistic(index))
    let change = Int32(hr_logistic(index &+ 1)) &- start
    let line = change &* Int32(truncatingIfNeeded: distance & 31) &+ 16
    return UInt32(bitPattern: start &+ line &>> 5)
  }
}
