import Testing

@testable import Headrace

/// What a network reads of each band and direction: a mean over bins and frames, by what each of them weighs.
@Suite struct DirectionEvidenceTests {
  private static let (bands, directions, width, bins) = (2, 8, 12, 3)
  private let memory = AlignedBytes(
    count: EvidenceShape.byteCount(
      bands: Self.bands, directions: Self.directions, bins: Self.bins), fill: 0)

  private func evidence<Element>(of: Element.Type) -> DirectionEvidence<Element> {
    let evidence = DirectionEvidence<Element>(
      bands: Self.bands, directions: Self.directions, in: memory.base)
    // Two bins in the lower band, one in the upper.
    for (bin, frequency) in [400, 800, 6000].enumerated() {
      evidence.place(bin: bin, at: Float(frequency))
    }
    return evidence
  }

  /// [place][kind][band] of all.
  private func read<Element>(_ evidence: DirectionEvidence<Element>) -> [Float] {
    var input = [Float](repeating: -1, count: Self.width * EvidenceKind.count * Self.bands)
    input.withUnsafeMutableBufferPointer { evidence.write(to: $0.baseAddress!, width: Self.width) }
    return input
  }

  private func at(_ place: Int, _ kind: EvidenceKind, band: Int) -> Int {
    (place * EvidenceKind.count + kind.rawValue) * Self.bands + band
  }

  private func expectWeightedMeans<Element: DirectionElement>(
    of: Element.Type
  ) {
    var evidence = evidence(of: Element.self)
    evidence.fade(to: 0.5, hasVotes: true)
    let uneven = (0..<8).map { Element(share: $0 == 1 ? 0.5 : 0.25) }
    let even = (0..<8).map { _ in Element(share: 0.125) }
    evidence.weigh(.votes, 0.5, bin: 0)
    evidence.add(.votes, uneven, factor: Element(share: 0.5), bin: 0)
    evidence.weigh(.votes, 0.25, bin: 1)
    evidence.add(.votes, even, factor: Element(share: 0.25), bin: 1)
    evidence.weigh(.votes, 0.75, bin: 2)  // which had none
    let input = read(evidence)
    for place in 0..<Self.width {
      let direction = (place + Self.directions - 2) % Self.directions
      let mean = (0.5 * uneven[direction].float + 0.25 * even[direction].float) / 0.75
      #expect(abs(input[at(place, .votes, band: 0)] - mean) < 1e-3)
      #expect(input[at(place, .votes, band: 1)] == 0)
      #expect(input[at(place, .power, band: 0)] == 0)
      #expect(input[at(place, .slowVotes, band: 0)] == 0)
    }
  }

  @Test func directionsAreAveragedByWeightInFloatingPoint() {
    expectWeightedMeans(of: Float.self)
  }

  @Test func directionsAreAveragedByWeightInFixedPoint() {
    expectWeightedMeans(of: Q15Sum.self)
  }

  @Test func whatCameBeforeCountsLess() {
    var evidence = evidence(of: Float.self)
    evidence.fade(to: 0.5, hasVotes: true)
    evidence.weigh(.power, 1, bin: 2)
    evidence.add(.power, [Float](repeating: 1, count: 8), factor: 1, bin: 2)
    #expect(read(evidence)[at(0, .power, band: 1)] == 1)
    evidence.fade(to: 0.5, hasVotes: true)
    evidence.weigh(.power, 1, bin: 2)
    // Half of a frame that said one, and a whole one that said nothing.
    #expect(abs(read(evidence)[at(0, .power, band: 1)] - 1.0 / 3) < 1e-6)
  }

  @Test func presenceIsThePartOfFramesWithAVote() {
    var evidence = evidence(of: Float.self)
    #expect(evidence.presence == 0)
    evidence.fade(to: 1, hasVotes: true)
    evidence.hear()
    evidence.hear()
    #expect(evidence.presence == 1)
    evidence.fade(to: 1, hasVotes: true)
    #expect(evidence.presence == 0.5)
    evidence.fade(to: 1, hasVotes: false)
    #expect(evidence.presence == 0.5)
  }
}
