/// What the magnitudes of a block's weights add up to, for each of its eight output channels.
struct MagnitudeSums {
  /// The file is below 2^32 bytes, so these stay below 2^39.
  private(set) var sums = SIMD8<UInt64>(repeating: 0)
  /// At least the greatest magnitude, and above 127 only if that is 128.
  private(set) var greatest: UInt8 = 0

  /// `rows` rows of eight channels, `rowStep` apart, with 1 or 4 weights of each channel side by side.
  /// Optimized for speed: this reads every weight of a fixed-point model when it is opened.
  @_optimize(speed)
  init(_ weights: UnsafePointer<Int8>, rows: Int, rowStep: Int, run: Int) {
    var row = UnsafeRawPointer(weights)
    if run == 4 {
      var bits = SIMD8<UInt32>(repeating: 0)
      var remaining = rows
      while remaining > 0 {
        // Sums of even and odd bytes in 16 bits each: at most 2 * 128 from each row.
        let count = min(remaining, 255)
        var pairs = SIMD8<UInt32>(repeating: 0)
        for _ in 0..<count {
          let weights = row.loadUnaligned(as: SIMD8<UInt32>.self)
          // Byte by byte: 1 where a weight is negative; the weight, or ~weight + 1. Nothing carries.
          let signs = weights &>> 7 & 0x0101_0101
          let magnitudes = (weights ^ (signs &<< 8 &- signs)) &+ signs
          bits |= magnitudes
          pairs &+= (magnitudes & 0x00ff_00ff) &+ (magnitudes &>> 8 & 0x00ff_00ff)
          row += rowStep
        }
        for lane in 0..<8 { sums[lane] &+= UInt64(pairs[lane] & 0xffff &+ pairs[lane] &>> 16) }
        remaining &-= count
      }
      for lane in 0..<8 {
        let folded = bits[lane] | bits[lane] &>> 16
        greatest |= UInt8(truncatingIfNeeded: folded | folded &>> 8)
      }
    } else {
      for _ in 0..<rows {
        for lane in 0..<8 {
          for weight in 0..<run {
            let place = lane &* run &+ weight
            let magnitude = row.load(fromByteOffset: place, as: Int8.self).magnitude
            sums[lane] &+= UInt64(magnitude)
            greatest |= magnitude
          }
        }
        row += rowStep
      }
    }
  }
}
