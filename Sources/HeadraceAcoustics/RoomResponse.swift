import Foundation

/// What microphones hear of an impulse in a room: image sources (Allen and Berkley, JASA 65, 1979), each at
/// its own place between samples, with walls and air that absorb in octave bands.
enum RoomResponse {
  /// - Parameters:
  ///   - seconds: of the responses; sound that arrives later is left out.
  /// - Returns: [microphone][sample], a sample's time counted from the impulse, times one metre: a source
  ///   that far away arrives with an amplitude of one.
  static func compute(
    _ room: Room, source: SIMD3<Double>, microphones: [SIMD3<Double>], rate: Double,
    seconds: Double,
    airAbsorbs: Bool = true
  ) -> [[Float]] {
    let count = Int(seconds * rate)
    var bands = microphones.map { _ in
      [OctaveBands.Values](repeating: .zero, count: count)
    }
    let centre = microphones.reduce(.zero, +) / Double(microphones.count)
    let images = ImageSources(
      room, source: source, around: centre, radius: seconds * Room.speedOfSound,
      airAbsorbs: airAbsorbs)
    for index in microphones.indices {
      bands[index].withUnsafeMutableBufferPointer { responses in
        images.forEach { place, strength in
          let offset = place - microphones[index]
          let distance = (offset * offset).sum().squareRoot()
          FractionalDelay.shared.add(
            strength * images.air(distance) * Float(1 / max(distance, 0.01)),
            at: distance / Room.speedOfSound * rate, to: responses)
        }
      }
    }
    return join(bands, rate: rate)
  }

  /// Filters each band to its octave, two microphones at a time as one complex signal, and adds them up.
  private static func join(_ bands: [[OctaveBands.Values]], rate: Double) -> [[Float]] {
    let count = bands[0].count
    let fourier = Fourier(atLeast: 2 * count)
    let weights = OctaveBands.weights(bins: fourier.length / 2 + 1, rate: rate)
    var responses: [[Float]] = []
    for first in stride(from: 0, to: bands.count, by: 2) {
      let second = min(first + 1, bands.count - 1)
      var sum = [Fourier.Value](repeating: .zero, count: fourier.length)
      for band in 0..<OctaveBands.count {
        var values = [Fourier.Value](repeating: .zero, count: fourier.length)
        for index in 0..<count {
          values[index] = Fourier.Value(bands[first][index][band], bands[second][index][band])
        }
        fourier.transform(&values)
        for bin in 0..<fourier.length {
          sum[bin] += values[bin] * weights[min(bin, fourier.length - bin)][band]
        }
      }
      fourier.invert(&sum)
      responses.append(sum[..<count].map(\.x))
      if second > first { responses.append(sum[..<count].map(\.y)) }
    }
    return responses
  }
}
