import Foundation
import Testing

@testable import Headrace

/// How much sound counts that comes suddenly, and sound that may be the tail of what came before.
@Suite struct OnsetWeightsTests {
  private let memory = AlignedBytes(count: OnsetWeights.byteCount(bins: 2))
  private var weights: OnsetWeights

  init() {
    memory.base.initializeMemory(as: UInt8.self, repeating: 0, count: memory.count)
    weights = OnsetWeights(bins: 2, hop: 0.008, in: memory.base)
  }

  private mutating func weigh(_ power: Float) -> OnsetWeights.Weights {
    weights.advance()
    return weights.weigh(power, bin: 1)
  }

  @Test mutating func whatBeginsIsAnOnsetAndWhatGoesOnIsLessSo() {
    let first = weigh(1)
    #expect(first == .init(loudness: 0.5, onset: 0.5))
    // The tail of what was as loud 8 ms ago has fallen by exp(-8 / 50).
    let direct = 1 / (1 + exp(-0.16))
    let second = weigh(1)
    #expect(abs(Double(second.loudness) - 0.5) < 1e-6)
    #expect(abs(Double(second.steady) - 0.25) < 1e-6)
    #expect(abs(Double(second.onset) - 0.5 * direct * direct) < 1e-6)
  }

  @Test mutating func whatIsMuchLouderThanUsualCountsInFull() {
    for _ in 0..<100 { _ = weigh(1) }
    let loud = weigh(1000)
    #expect(loud.loudness == 1 && loud.onset > 0.99)
    #expect(loud.steady == 1)
    // 30 dB lower and 8 ms later, it may well be an echo.
    #expect(weigh(1).onset < 1e-5)
  }

  @Test mutating func silenceCountsForNothing() {
    #expect(weigh(0) == .init())
    _ = weigh(1)
    #expect(weigh(0) == .init())
  }
}
