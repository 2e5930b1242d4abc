/// Keeps one of `factor` samples of each microphone, without what is above half the lower rate: a sinc with a Hann
/// window (Harris, Proc. IEEE 66(1), 1978), 16 of its zeros on either side.
struct Decimator {
  let factor: Int
  private let taps: Int
  private let coefficients: UnsafeMutablePointer<Float>
  /// [microphone][2][taps]: the newest samples twice, so that some `taps` of them always follow one another.
  private let history: UnsafeMutablePointer<Float>
  private var place = 0
  private var phase = 0

  /// Of half the lower rate; the filter falls off from 0.89 to 1.01.
  private static var cutoff: Double { 0.95 }

  private static func taps(_ factor: Int) -> Int { factor == 1 ? 1 : 32 &* factor &+ 1 }

  static func byteCount(factor: Int, microphones: Int) -> Int {
    4 * taps(factor) * (1 + 2 * microphones)
  }

  init(factor: Int, in memory: UnsafeMutableRawPointer) {
    self.factor = factor
    taps = Self.taps(factor)
    coefficients = memory.assumingMemoryBound(to: Float.self)
    history = coefficients + taps
    var sum: Float = 0
    for index in 0..<taps {
      coefficients[index] = Self.tap(index - taps / 2, taps, factor)
      sum += coefficients[index]
    }
    for index in 0..<taps { coefficients[index] /= sum }
  }

  private static func tap(_ offset: Int, _ taps: Int, _ factor: Int) -> Float {
    guard offset != 0 else { return 1 }
    func sine(_ turns: Double) -> Float { .fraction(SineQ31.sine(SineQ31.turn(turns))) }
    let halfTurns = Double(offset) * cutoff / Double(factor)
    let window = 0.5 + 0.5 * sine(Double(offset) / Double(taps + 1) + 0.25)
    return sine(halfTurns / 2) / Float(halfTurns * .pi) * window
  }

  func push(_ sample: Float, microphone: Int) {
    let samples = history + 2 &* taps &* microphone
    samples[place] = sample
    samples[place &+ taps] = sample
  }

  /// Moves on behind a sample of every microphone. True where one of the lower rate is due.
  mutating func advance() -> Bool {
    place = place &+ 1 == taps ? 0 : place &+ 1
    phase = phase &+ 1 == factor ? 0 : phase &+ 1
    return phase == 0
  }

  func value(microphone: Int) -> Float {
    let samples = history + (2 &* taps &* microphone &+ place)
    var sum: Float = 0
    for index in 0..<taps { sum += coefficients[index] * samples[index] }
    return sum
  }
}
