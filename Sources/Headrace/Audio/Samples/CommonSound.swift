/// Tells sound that comes from somewhere from what each microphone hears by itself, hiss, wind at its opening, a bad cable,
/// and from what all hear at once: copies of a channel, and hum of the electronics, louder or softer.
struct CommonSound {
  /// How many samples sound takes from one microphone to another at most, and one more.
  private let reach: Int

  /// Of the correlation with the first microphone, the greatest of all delays, the mean of all microphones. Independent
  /// noise of all frequencies reaches 0.08 in 64 ms by chance; the loudest 64 ms of a talker have 0.15 at least in 400
  /// simulated rooms, and 0.84 in the median.
  private static var least: Float { 0.12 }

  /// Of power, -30 dB: what microphones in different places hear differs by more than that, however loud each is.
  private static var leastDifference: Float { 0.001 }

  /// - Parameter first: which of the array's microphones comes first in samples at `rate`.
  init(_ array: MicrophoneArray, first: Int, rate: Int) {
    var greatest: Float = 0
    for index in 0..<array.count {
      greatest = max(greatest, (array.position(index) - array.position(first)).length)
    }
    reach = Int(greatest / MicrophoneArray.speedOfSound * Float(rate)) + 2
  }

  /// Whether there is some in `samples`, [microphone][length].
  @inline(never)
  func isHeard(_ samples: UnsafePointer<Float>, microphones: Int, length: Int) -> Bool {
    guard 4 * reach < length else { return true }
    let wanted = Self.least * Float(microphones - 1)
    let first = samples + reach
    let count = length - 2 * reach
    let power = product(first, first, count)
    var (sum, differs) = (Float(0), false)
    for microphone in 1..<microphones {
      let other = samples + (microphone &* length &+ reach)
      let powers = power * product(other, other, count) + .leastNormalMagnitude
      let atOnce = product(first, other, count)
      differs = differs || atOnce * atOnce < (1 - Self.leastDifference) * powers
      var greatest: Float = 0
      for delay in -reach...reach { greatest = max(greatest, product(first, other + delay, count)) }
      sum += greatest / powers.squareRoot()
      if sum > wanted, differs { return true }
    }
    return false
  }

  private func product(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
  ) -> Float {
    var sums = SIMD4<Float>(repeating: 0)
    for index in stride(from: 0, to: count &- 3, by: 4) {
      sums +=
        UnsafeRawPointer(a + index).loadUnaligned(as: SIMD4<Float>.self)
        * UnsafeRawPointer(b + index).loadUnaligned(as: SIMD4<Float>.self)
    }
    return sums.sum()
  }
}
