/// How often values of a tensor fall where: 2,048 bins of one width, which doubles whenever a value
/// lies outside.
struct Histogram {
  static let binCount = 2048
  private(set) var counts = [Int](repeating: 0, count: binCount)
  /// Where bin 0 begins.
  private(set) var origin = 0.0
  private(set) var binWidth = 0.0
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  /// Values that are not finite; they are in no bin.
  private(set) var notFinite = 0

  var isEmpty: Bool { minimum > maximum }
  var total: Int { counts.reduce(0, +) }

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var lowest = Float.infinity
    var highest = -Float.infinity
    for value in values where value.isFinite {
      lowest = min(lowest, value)
      highest = max(highest, value)
    }
    guard lowest <= highest else {
      notFinite += values.count
      return
    }
    minimum = min(minimum, Double(lowest))
    maximum = max(maximum, Double(highest))
    cover(Double(lowest), Double(highest))
    let inverse = 1 / binWidth
    let (origin, last) = (origin, Self.binCount - 1)
    var notFinite = 0
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        guard value.isFinite else {
          notFinite += 1
          continue
        }
        counts[min(max(Int((Double(value) - origin) * inverse), 0), last)] += 1
      }
    }
    self.notFinite += notFinite
  }

  /// Makes the bins reach from `lowest` to `highest`.
  private mutating func cover(_ lowest: Double, _ highest: Double) {
    if binWidth == 0 {
      // A little wider than needed, so that `highest` is in the last bin; some width for a constant.
      let width = max((highest - lowest) * 1.001, abs(highest) * 1e-6, 1e-12)
      origin = lowest
      binWidth = width / Double(Self.binCount)
    }
    while lowest < origin { grow(downwards: true) }
    while highest >= origin + binWidth * Double(Self.binCount) { grow(downwards: false) }
  }

  /// Merges bins in pairs and moves them to one half.
  private mutating func grow(downwards: Bool) {
    let half = Self.binCount / 2
    var merged = [Int](repeating: 0, count: Self.binCount)
    for bin in 0..<half {
      merged[bin + (downwards ? half : 0)] = counts[2 * bin] + counts[2 * bin + 1]
    }
    if downwards { origin -= binWidth * Double(Self.binCount) }
    counts = merged
    binWidth *= 2
  }

  /// The middle of a bin.
  func center(_ bin: Int) -> Double { origin + (Double(bin) + 0.5) * binWidth }

  /// The value below which a share of all values lies, to a bin's width.
  func quantile(_ share: Double) -> Double {
    let target = share * Double(total)
    var below = 0
    for bin in counts.indices {
      below += counts[bin]
      if Double(below) >= target && below > 0 {
        let edge = origin + Double(bin + (share > 0.5 ? 1 : 0)) * binWidth
        return min(max(edge, minimum), maximum)
      }
    }
    return maximum
  }
}
