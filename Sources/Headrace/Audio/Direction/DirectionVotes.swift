import CHeadrace

/// Votes in floating point.
struct DirectionVotes: DirectionVoting {
  typealias Scalar = Float
  typealias Value = Complex<Float>

  let grid: DirectionGrid
  private(set) var total: Float = 0
  private(set) var overheadScore: Float = 0

  private let microphones: Int
  private let bins: Int
  /// Directions, and as many more as make eights.
  private let padded: Int
  private let sums: UnsafeMutablePointer<Float>
  private let work: UnsafeMutablePointer<Float>
  /// [bins][microphones][re, im][padded]: how sound from a direction reaches a microphone.
  private let steering: UnsafeMutablePointer<Float>

  /// Keeps a single vote from outweighing a window: how near to perfect an agreement counts.
  private static var floor: Float { 0.05 }

  init(_ grid: DirectionGrid, _ layout: LocatorLayout, _ memory: UnsafeMutableRawPointer) {
    self.grid = grid
    microphones = layout.microphones
    bins = layout.bins
    padded = layout.paddedDirections
    sums = (memory + layout.votes).assumingMemoryBound(to: Float.self)
    work = sums + padded
    steering = work + padded
  }

  static func byteCount(padded: Int, microphones: Int, bins: Int) -> Int {
    8 * padded + 8 * padded * microphones * bins
  }

  func scores() -> UnsafeMutablePointer<Float> { sums }

  private func steering(_ bin: Int, _ microphone: Int) -> UnsafeMutablePointer<Float> {
    steering + (bin &* microphones &+ microphone) &* 2 &* padded
  }

  func steer(_ array: MicrophoneArray, firstBin: Int, binWidth: Float) {
    array.steer(grid, firstBin: firstBin, bins: bins, binWidth: binWidth) {
      bin, microphone, direction, re, im in
      let steering = steering(bin, microphone) + direction
      steering[0] = .fraction(re)
      steering[padded] = .fraction(im)
    }
  }

  mutating func fade(to share: Float) {
    guard share < 1 else { return }
    for index in 0..<grid.count { sums[index] *= share }
    total *= share
    overheadScore *= share
  }

  mutating func add(beamOf phases: UnsafePointer<Value>, bin: Int) {
    _ = power(phases, bin: bin)
    add(factor: 1)
    total += 1
  }

  mutating func add(subspaceOf vector: UnsafePointer<Value>, bin: Int, weight: Float) {
    let spectrum = spectrum(vector, bin: bin, weight: weight)
    add(factor: spectrum.factor)
    total += weight
    overheadScore += spectrum.overhead * spectrum.factor
  }

  mutating func add(plainSubspaceOf vector: UnsafePointer<Value>, bin: Int) {
    let spectrum = spectrum(vector, bin: bin, weight: 1)
    add(factor: Self.floor)
    total += 1
    overheadScore += spectrum.overhead * Self.floor
  }

  func power(_ phases: UnsafePointer<Value>, bin: Int) -> UnsafePointer<Float> {
    _ = evaluate(phases, bin) { $0 }
    return UnsafePointer(work)
  }

  func spectrum(
    _ vector: UnsafePointer<Value>, bin: Int, weight: Float
  ) -> (values: UnsafePointer<Float>, factor: Float, overhead: Float) {
    let greatest = evaluate(vector, bin) { agreement in
      let distance = 1 - agreement
      return 1 / distance.replacing(with: Self.floor, where: distance .< Self.floor)
    }
    let overhead = grid.elevations == 1 ? overhead(vector) : 0
    return (UnsafePointer(work), weight / max(greatest, overhead), overhead)
  }

  /// MUSIC's value for sound that reaches all microphones of a flat array at once: from straight above, or
  /// because channels are the same. What it explains better than any direction does not vote in full.
  private func overhead(_ vector: UnsafePointer<Value>) -> Float {
    var (re, im): (Float, Float) = (0, 0)
    for microphone in 0..<microphones {
      re += vector[microphone].re
      im += vector[microphone].im
    }
    return 1 / max(1 - (re * re + im * im) / Float(microphones), Self.floor)
  }

  /// Sets `work` to a function of how far the vector, of length 1, agrees with each direction, from 0 to 1.
  /// Returns the greatest.
  @inline(__always)
  private func evaluate(
    _ vector: UnsafePointer<Value>, _ bin: Int, _ function: (SIMD8<Float>) -> SIMD8<Float>
  ) -> Float {
    let scale = 1 / Float(microphones)
    var greatest = SIMD8<Float>(repeating: 0)
    for first in stride(from: 0, to: padded, by: 8) {
      var re = SIMD8<Float>(repeating: 0)
      var im = SIMD8<Float>(repeating: 0)
      for microphone in 0..<microphones {
        let steering = UnsafeRawPointer(steering(bin, microphone) + first)
        let a = steering.loadUnaligned(as: SIMD8<Float>.self)
        let b = steering.loadUnaligned(fromByteOffset: 4 &* padded, as: SIMD8<Float>.self)
        let v = vector[microphone]
        // conj(v) times the steering
        re += a * v.re + b * v.im
        im += b * v.re - a * v.im
      }
      let value = function((re * re + im * im) * scale)
      greatest = greatest.replacing(with: value, where: value .> greatest)
      UnsafeMutableRawPointer(work + first).storeBytes(of: value, as: SIMD8<Float>.self)
    }
    return greatest.max()
  }

  private func add(factor: Float) {
    for first in stride(from: 0, to: padded, by: 8) {
      let score = UnsafeMutableRawPointer(sums + first)
      let value = UnsafeRawPointer(work + first).loadUnaligned(as: SIMD8<Float>.self)
      score.storeBytes(
        of: score.loadUnaligned(as: SIMD8<Float>.self) + value * factor, as: SIMD8<Float>.self)
    }
  }
}
