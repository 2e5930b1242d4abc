/// Convolution by way of the spectrum.
enum Convolution {
  /// Each response with the signal, as long as the signal. Two responses go as one complex one.
  static func apply(_ responses: [[Float]], to signal: [Float]) -> [[Float]] {
    let fourier = Fourier(atLeast: signal.count + responses[0].count)
    var spectrum = padded(fourier.length, signal) { Fourier.Value($0, 0) }
    fourier.transform(&spectrum)
    var results: [[Float]] = []
    for first in stride(from: 0, to: responses.count, by: 2) {
      let hasSecond = first + 1 < responses.count
      var pair = [Fourier.Value](repeating: .zero, count: fourier.length)
      for index in responses[first].indices {
        pair[index] = Fourier.Value(
          responses[first][index], hasSecond ? responses[first + 1][index] : 0)
      }
      fourier.transform(&pair)
      for bin in pair.indices { pair[bin] = Fourier.product(pair[bin], spectrum[bin]) }
      fourier.invert(&pair)
      results.append(pair[..<signal.count].map(\.x))
      if hasSecond { results.append(pair[..<signal.count].map(\.y)) }
    }
    return results
  }

  private static func padded(
    _ length: Int, _ signal: [Float], _ value: (Float) -> Fourier.Value
  ) -> [Fourier.Value] {
    signal.map(value) + [Fourier.Value](repeating: .zero, count: length - signal.count)
  }
}
