import CHeadrace

/// By how much later than the first microphone each other one hears the strongest sound: the generalized cross
/// correlation with phase transform, GCC-PHAT (Knapp and Carter, IEEE TASSP 24(4), 1976), averaged over a window.
struct PairDelays {
  private let microphones: Int
  private let bins: Int
  /// [microphones - 1][bins]: phases of each microphone less those of the first, added up.
  private let sums: UnsafeMutablePointer<Complex<Float>>
  private var total: Float = 0

  /// From one lag to the next in the first search, of the period of the highest frequency.
  private static var coarse: Float { 0.25 }
  private static var fine: Float { 0.03 }

  static func byteCount(microphones: Int, bins: Int) -> Int { 8 * (microphones - 1) * bins }

  init(_ layout: LocatorLayout, _ memory: UnsafeMutableRawPointer) {
    microphones = layout.microphones
    bins = layout.bins
    sums = (memory + layout.delays).assumingMemoryBound(to: Complex<Float>.self)
  }

  mutating func fade(to share: Float) {
    for index in 0..<(microphones - 1) &* bins { sums[index] = sums[index].scaled(by: share) }
    total = total * share + 1
  }

  /// Takes in the phases of a bin, a vector of length 1.
  func add<Scalar: LocatorScalar>(_ phases: UnsafePointer<Complex<Scalar>>, bin: Int) {
    // Each pair's product has the length 1 / microphones.
    let scale = Float(microphones)
    let first = phases[0].unitFloat.conjugate.scaled(by: scale)
    for microphone in 1..<microphones {
      let place = sums + ((microphone &- 1) &* bins &+ bin)
      place.pointee = place.pointee + phases[microphone].unitFloat.rotated(by: first)
    }
  }

  /// Delays in seconds and, from 0 to 1, how far all frequencies agree on them, in the order of microphones.
  func find(_ array: MicrophoneArray, _ layout: LocatorLayout, to location: inout hr_location) {
    let binWidth = Float(array.sampleRate) / Float(layout.frame)
    let highest = Float(layout.firstBin + bins - 1) * binWidth
    for microphone in 1..<microphones {
      let distance = (array.position(microphone) - array.position(0)).length
      // Microphones are nowhere to the last millimetre.
      let limit = (distance * 1.05 + 0.002) / MicrophoneArray.speedOfSound
      var best: (lag: Float, value: Float) = (0, -.infinity)
      search(microphone, layout, binWidth, -limit, limit, Self.coarse / highest, &best)
      let around = Self.coarse / highest
      search(
        microphone, layout, binWidth, max(best.lag - around, -limit), min(best.lag + around, limit),
        Self.fine / highest, &best)
      location.set(
        delay: microphone, best.lag, agreement: max(best.value, 0) / max(total * Float(bins), 1))
    }
  }

  private func search(
    _ microphone: Int, _ layout: LocatorLayout, _ binWidth: Float, _ from: Float, _ to: Float,
    _ step: Float, _ best: inout (lag: Float, value: Float)
  ) {
    let count = Int(((to - from) / step).rounded(.up))
    for index in 0...count {
      let lag = min(from + Float(index) * step, to)
      let value = correlation(microphone, layout.firstBin, turnsPerBin: binWidth * lag)
      if value > best.value { best = (lag, value) }
    }
  }

  /// The real part of the sum of all bins, each turned back by the lag.
  private func correlation(_ microphone: Int, _ firstBin: Int, turnsPerBin: Float) -> Float {
    let step = Self.unit(Double(turnsPerBin))
    var turn = Self.unit(Double(turnsPerBin) * Double(firstBin))
    var sum: Float = 0
    let line = sums + (microphone &- 1) &* bins
    for bin in 0..<bins {
      sum += line[bin].re * turn.re - line[bin].im * turn.im
      turn = turn.rotated(by: step)
    }
    return sum
  }

  private static func unit(_ turns: Double) -> Complex<Float> {
    let turn = SineQ31.turn(turns)
    return Complex(re: .fraction(SineQ31.cosine(turn)), im: .fraction(SineQ31.sine(turn)))
  }
}

extension hr_location {
  fileprivate mutating func set(delay microphone: Int, _ seconds: Float, agreement: Float) {
    withUnsafeMutableBytes(of: &delays) {
      $0.storeBytes(
        of: hr_delay(microseconds: seconds * 1e6, agreement: min(agreement, 1)),
        toByteOffset: microphone * MemoryLayout<hr_delay>.stride, as: hr_delay.self)
    }
  }
}
