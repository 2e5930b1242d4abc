import Testing

@testable import Headrace

/// Powers of beams, against their definition in double precision: the square of the sum over microphones of the
/// phase's conjugate times the steering vector's element, of each frame.
@Suite struct PairProductsTests {
  private static let (bins, frames, share) = (3, 5, 0.9)

  /// A number of length 1.
  private struct Unit {
    let re: Double, im: Double

    init(_ generator: inout SystemRandomNumberGenerator) {
      // The tangent of half its angle.
      let t = Double.random(in: -2...2, using: &generator)
      (re, im) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    }
  }

  private func power(_ phases: [Unit], _ steering: [Unit], isOpposite: Bool) -> Double {
    var (re, im) = (0.0, 0.0)
    for (v, a) in zip(phases, steering) {
      let b = isOpposite ? -a.im : a.im
      re += v.re * a.re + v.im * b
      im += v.re * b - v.im * a.re
    }
    return (re * re + im * im) / Double(phases.count)
  }

  @Test(arguments: [2, 4, 7, 16])
  func beamsOfManyFramesAddUpToWhatEachIsByItself(microphones: Int) {
    var generator = SystemRandomNumberGenerator()
    // [8 directions][microphones]
    let steering = (0..<8).map { _ in (0..<microphones).map { _ in Unit(&generator) } }
    // [microphones][re, im][8]
    let laid: [Float] = (0..<microphones).flatMap { microphone in
      steering.map { Float($0[microphone].re) } + steering.map { Float($0[microphone].im) }
    }
    let bytes = PairProducts.byteCount(microphones: microphones, bins: Self.bins)
    let memory = AlignedBytes(count: bytes, fill: 0)
    let products = PairProducts(
      microphones: microphones, bins: Self.bins,
      in: memory.base.assumingMemoryBound(to: Float.self))
    var direct = [[Double]](repeating: .init(repeating: 0, count: 8), count: Self.bins)
    var opposite = direct
    for frame in 0..<Self.frames {
      products.fade(to: Float(Self.share))
      for bin in 0..<Self.bins {
        for lane in 0..<8 {
          direct[bin][lane] *= Self.share
          opposite[bin][lane] *= Self.share
        }
        // Not every bin is heard in every frame.
        if (frame + bin) % 4 == 0 { continue }
        let phases = (0..<microphones).map { _ in Unit(&generator) }
        let length = Double(microphones).squareRoot()
        let weight = Double(Float.random(in: 0...1, using: &generator))
        products.add(
          phases.map { Complex(re: Float($0.re / length), im: Float($0.im / length)) },
          weight: Float(weight), bin: bin)
        for lane in 0..<8 {
          direct[bin][lane] += weight * power(phases, steering[lane], isOpposite: false)
          opposite[bin][lane] += weight * power(phases, steering[lane], isOpposite: true)
        }
      }
    }
    for bin in 0..<Self.bins {
      let (even, odd) = products.powers(bin: bin, laid, step: 16)
      for lane in 0..<8 {
        #expect(abs(Double((even + odd)[lane]) - direct[bin][lane]) < 1e-4)
        #expect(abs(Double((even - odd)[lane]) - opposite[bin][lane]) < 1e-4)
      }
    }
  }
}
