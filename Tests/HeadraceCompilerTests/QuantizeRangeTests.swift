import Foundation
import Testing

@testable import HeadraceCompiler

@Suite struct QuantizeRangeTests {
  private func histogram(_ values: [Float]) -> Histogram {
    var histogram = Histogram()
    for start in stride(from: 0, to: values.count, by: 100) {
      Array(values[start..<min(start + 100, values.count)]).withUnsafeBufferPointer {
        histogram.add($0)
      }
    }
    return histogram
  }

  /// Sum of twelve uniform numbers: nearly normal with deviation 1.
  private func normal(_ count: Int) -> [Float] {
    var random = LinearCongruential(state: 3)
    return (0..<count).map { _ in
      (0..<12).reduce(Float(-6)) { sum, _ in sum + Float(random.next(below: 1 << 20)) / 1_048_576 }
    }
  }

  @Test func everyValueIsCountedHoweverTheRangeGrows() {
    let values: [Float] = (0..<1000).map { Float($0 % 2 == 0 ? $0 : -$0) * 0.37 }
    let histogram = histogram(values)
    #expect(histogram.total == 1000)
    #expect(histogram.minimum == Double(values.min()!))
    #expect(histogram.maximum == Double(values.max()!))
    let below = histogram.counts.indices.filter {
      histogram.center($0) < 0
    }.reduce(0) { $0 + histogram.counts[$1] }
    #expect(abs(below - 500) <= 2)
  }

  @Test func valuesThatAreNotFiniteAreCountedApart() {
    let histogram = histogram([1, .nan, 2, .infinity])
    #expect(histogram.total == 2)
    #expect(histogram.notFinite == 2)
  }

  @Test func aPercentileRangeLeavesOutliersOutside() {
    let histogram = histogram(normal(100_000) + [1000])
    let range = RangeMethod.percentile(99.9).range(histogram, levels: 256)
    // 0.05 % of a normal distribution lie above 3.29; a bin is 0.5 wide here.
    #expect(range.upperBound < 5)
    #expect(RangeMethod.minimumMaximum.range(histogram, levels: 256).upperBound == 1000)
  }

  /// The least mean squared error over a grid of symmetric ranges, by quantizing the values themselves.
  @Test func theMeanSquaredErrorRangeIsNearTheBestOne() {
    let values = normal(20_000).map { $0 * abs($0) }
    func error(_ low: Double, _ high: Double) -> Double {
      let step = (high - low) / 255
      return values.reduce(0) { sum, value in
        let clipped = min(max(Double(value), low), high)
        let stored = ((clipped - low) / step).rounded() * step + low
        return sum + (stored - Double(value)) * (stored - Double(value))
      }
    }
    let chosen = RangeMethod.meanSquaredError.range(histogram(values), levels: 256)
    let best = stride(from: 1.0, to: 20, by: 0.25).map { error(-$0, $0) }.min()!
    #expect(error(chosen.lowerBound, chosen.upperBound) < best * 1.05)
  }

  @Test func aRangeIncludesZero() {
    let histogram = histogram([3, 4, 5])
    #expect(RangeMethod.minimumMaximum.range(histogram, levels: 256) == 0...5)
  }
}
