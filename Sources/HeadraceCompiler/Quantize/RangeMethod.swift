/// How the range of real numbers that a quantized tensor can hold is chosen.
public enum RangeMethod: Equatable, Sendable {
  /// All that was seen.
  case minimumMaximum
  /// All but the outermost values: `percent` of them stay inside, the rest is split between both ends.
  case percentile(Double)
  /// The range with the least mean squared error of rounding and clipping together.
  case meanSquaredError

  /// The range for values that fall as the histogram says, in `levels` steps; it includes zero.
  func range(_ histogram: Histogram, levels: Int) -> ClosedRange<Double> {
    guard !histogram.isEmpty else { return 0...0 }
    let all = min(histogram.minimum, 0)...max(histogram.maximum, 0)
    switch self {
    case .minimumMaximum: return all
    case .percentile(let percent):
      let tail = (1 - percent / 100) / 2
      return min(histogram.quantile(tail), 0)...max(histogram.quantile(1 - tail), 0)
    case .meanSquaredError: return Self.leastError(histogram, all, levels: levels)
    }
  }

  /// Shrinks both ends in turn, in steps of 1/64 of the full range, while the error falls; starts from
  /// several common factors, because the error has more than one valley.
  private static func leastError(
    _ histogram: Histogram, _ all: ClosedRange<Double>, levels: Int
  ) -> ClosedRange<Double> {
    let occupied = histogram.counts.indices.filter { histogram.counts[$0] > 0 }
      .map { (center: histogram.center($0), count: Double(histogram.counts[$0])) }
    func range(_ low: Int, _ high: Int) -> ClosedRange<Double> {
      all.lowerBound * Double(low) / 64...all.upperBound * Double(high) / 64
    }
    func error(_ range: ClosedRange<Double>) -> Double {
      let step = (range.upperBound - range.lowerBound) / Double(levels - 1)
      let rounding = step * step / 12
      return occupied.reduce(0) { sum, bin in
        let outside = max(range.lowerBound - bin.center, bin.center - range.upperBound, 0)
        return sum + bin.count * (outside > 0 ? outside * outside : rounding)
      }
    }
    var best = (range: all, error: error(all))
    for start in [64, 48, 32, 16] {
      var (low, high) = (start, start)
      var current = error(range(low, high))
      var improved = true
      while improved {
        improved = false
        for (l, h) in [(low - 1, high), (low, high - 1), (low + 1, high), (low, high + 1)]
        where (1...64).contains(l) && (1...64).contains(h) {
          let candidate = error(range(l, h))
          if candidate < current {
            (low, high, current) = (l, h, candidate)
            improved = true
          }
        }
      }
      if current < best.error { best = (range(low, high), current) }
    }
    return best.range
  }
}
