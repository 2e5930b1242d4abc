import Foundation
import Testing

@testable import Headrace

@Suite struct FourierTests {
  /// Everywhere, and around the places where the series change.
  @Test func sinesAreRoundedToNearest() {
    let turns = stride(from: UInt64(0), to: 1 << 32, by: 9_999_991).map { UInt32($0) }
    let edges = (0..<8).flatMap { eighth in
      (-2...2).map { UInt32(truncatingIfNeeded: eighth << 29 + $0) }
    }
    for turn in turns + edges {
      let angle = Double(turn) * (2 * Double.pi / 0x1p32)
      for (value, exact) in [(SineQ31.sine(turn), sin(angle)), (SineQ31.cosine(turn), cos(angle))] {
        #expect(abs(Double(value) - max(min(exact * 0x1p31, 0x1p31 - 1), 1 - 0x1p31)) < 0.51)
      }
    }
  }

  private static let lengths = [4, 8, 12, 30, 50, 90, 256, 480, 768, 1024]

  /// The spectrum by its definition, in double precision.
  private func spectrum(_ samples: [Double]) -> [(re: Double, im: Double)] {
    let count = samples.count
    var bins: [(re: Double, im: Double)] = []
    for bin in 0...count / 2 {
      var (re, im) = (0.0, 0.0)
      for (index, sample) in samples.enumerated() {
        let angle = 2 * Double.pi * Double(index * bin % count) / Double(count)
        re += sample * cos(angle)
        im -= sample * sin(angle)
      }
      bins.append((re, im))
    }
    return bins
  }

  private func samples(_ count: Int) -> [Double] {
    (0..<count).map { index -> Double in
      let value: Int = (index * 7919 + 13) % 2001 - 1000
      return Double(value) / 1001
    }
  }

  private func transform<Scalar>(
    _ samples: [Scalar], _ body: ([Complex<Scalar>]) -> Void
  ) where Scalar: SpectralScalar {
    let memory = AlignedBytes(count: RealFourier<Scalar>.byteCount(samples.count))
    let fourier = RealFourier<Scalar>(samples.count, in: memory.base)
    var bins = [Complex<Scalar>](repeating: .zero, count: fourier.bins)
    fourier.transform(samples, to: &bins)
    body(bins)
  }

  @Test(arguments: lengths)
  func aFloatSpectrumIsTheDefinitions(length: Int) {
    let samples = samples(length)
    let exact = spectrum(samples)
    transform(samples.map { Float($0) }) { bins in
      let scale = sqrt(samples.reduce(0) { $0 + $1 * $1 } * Double(length))
      for (bin, exact) in zip(bins, exact) {
        #expect(abs(Double(bin.re) - exact.re) < 1e-6 * scale)
        #expect(abs(Double(bin.im) - exact.im) < 1e-6 * scale)
      }
    }
  }

  /// Divided by the length; a few roundings in each of the stages.
  @Test(arguments: lengths)
  func aFixedPointSpectrumIsWithinItsRoundings(length: Int) {
    let samples = samples(length)
    let exact = spectrum(samples)
    transform(samples.map { Q31(bits: Int32($0 * 0x1p31)) }) { bins in
      for (bin, exact) in zip(bins, exact) {
        #expect(abs(Double(bin.re.bits) - exact.re / Double(length) * 0x1p31) < 16)
        #expect(abs(Double(bin.im.bits) - exact.im / Double(length) * 0x1p31) < 16)
      }
    }
  }

  /// The greatest that there is: every stage's sums stay within 32 bits.
  @Test func fullScaleDoesNotOverflowFixedPoint() {
    for sign in [1, -1] as [Int32] {
      transform([Q31](repeating: Q31(bits: sign * (.max - 255)), count: 256)) { bins in
        #expect(abs(Double(bins[0].re.bits) - Double(sign) * 0x1p31) < 300)
        #expect(abs(Double(bins[1].re.bits)) < 16 && abs(Double(bins[64].im.bits)) < 16)
      }
    }
  }

  @Test func lengthsWithOtherFactorsAreNotOffered() {
    for length in [4, 250, 768, 4096] { #expect(RealFourier<Float>.isPossible(length)) }
    for length in [0, 2, 7, 14, 255, 1 << 17] { #expect(!RealFourier<Float>.isPossible(length)) }
  }
}
