import Foundation

/// Noise from all around: independent plane waves from directions spread over the sphere, whose power falls
/// by 3 dB an octave above 200 Hz.
enum DiffuseNoise {
  private static let waves = 48

  static func render(
    _ microphones: [SIMD3<Double>], count: Int, rate: Double, _ random: inout RandomSource
  ) -> [[Float]] {
    let fourier = Fourier(atLeast: count)
    let bins = fourier.length / 2
    var spectra = [[Fourier.Value]](
      repeating: [Fourier.Value](repeating: .zero, count: bins), count: microphones.count)
    for _ in 0..<waves {
      let z = random.within(-1...1)
      let azimuth = random.within(0...2 * .pi)
      let direction = SIMD3(sqrt(1 - z * z) * cos(azimuth), sqrt(1 - z * z) * sin(azimuth), z)
      let wave: [Fourier.Value] = (0..<bins).map { bin in
        let (a, b) = random.normals()
        let strength = sqrt(200 / max(Double(bin) * rate / Double(fourier.length), 200))
        return bin == 0 ? .zero : Fourier.Value(Float(a * strength), Float(b * strength))
      }
      for (index, place) in microphones.enumerated() {
        let advance = (place * direction).sum() / Room.speedOfSound * rate
        let angle = 2 * Double.pi * advance / Double(fourier.length)
        for bin in 0..<bins {
          let turn = Fourier.Value(Float(cos(angle * Double(bin))), Float(sin(angle * Double(bin))))
          spectra[index][bin] += Fourier.product(wave[bin], turn)
        }
      }
    }
    return spectra.map { half in
      // The real part of the transform of half a spectrum is that of the whole.
      var values = half + [Fourier.Value](repeating: .zero, count: fourier.length - bins)
      fourier.invert(&values)
      return values[..<count].map(\.x)
    }
  }
}
