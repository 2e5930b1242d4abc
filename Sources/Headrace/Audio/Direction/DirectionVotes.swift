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
  /// Those with steering vectors: all, or where each has an opposite one, half of them.
  private let steered: Int
  private let sums: UnsafeMutablePointer<Float>
  private let work: UnsafeMutablePointer<Float>
  /// [bins][microphones][re, im][steered]: how sound from a direction reaches a microphone.
  private let steering: UnsafeMutablePointer<Float>
  /// Of beams for evidence, where there is any.
  private let products: PairProducts

  init(_ grid: DirectionGrid, _ layout: LocatorLayout, _ memory: UnsafeMutableRawPointer) {
    self.grid = grid
    microphones = layout.microphones
    bins = layout.bins
    padded = layout.paddedDirections
    steered = layout.steeredDirections
    sums = (memory + layout.votes).assumingMemoryBound(to: Float.self)
    work = sums + padded
    steering = work + padded
    products = PairProducts(
      microphones: microphones, bins: bins, in: steering + 2 * steered * microphones * bins)
  }

  /// Of beams for evidence, `products` bytes.
  static func byteCount(padded: Int, steering: Int, products: Int) -> Int {
    8 * (padded + steering) + products
  }

  func scores() -> UnsafeMutablePointer<Float> { sums }

  private func steering(_ bin: Int, _ microphone: Int) -> UnsafeMutablePointer<Float> {
    steering + (bin &* microphones &+ microphone) &* 2 &* steered
  }

  func steer(_ array: MicrophoneArray, firstBin: Int, binWidth: Float) {
    array.steer(grid, firstBin: firstBin, bins: bins, binWidth: binWidth) {
      bin, microphone, direction, re, im in
      guard direction < steered else { return }
      let steering = steering(bin, microphone) + direction
      steering[0] = .fraction(re)
      steering[steered] = .fraction(im)
    }
  }

  mutating func fade(to share: Float) {
    guard share < 1 else { return }
    for first in stride(from: 0, to: padded, by: 8) { Float.fade(sums + first, to: share) }
    total *= share
    overheadScore *= share
  }

  mutating func add(beamOf phases: UnsafePointer<Value>, bin: Int, weight: Float) {
    evaluate(phases, bin)
    add(factor: weight)
    total += weight
  }

  @inline(never)
  mutating func add(
    subspaceOf vector: UnsafePointer<Value>, bin: Int, weight: Float, floor: SpectrumFloor
  ) {
    let spectrum = spectrum(vector, bin: bin, weight: weight, floor: floor)
    add(factor: spectrum.factor)
    total += weight
    overheadScore += spectrum.overhead * spectrum.factor
  }

  mutating func add(plainSubspaceOf vector: UnsafePointer<Value>, bin: Int) {
    let floor = SpectrumFloor.ofPlain
    let spectrum = spectrum(vector, bin: bin, weight: 1, floor: floor)
    add(factor: floor.share)
    total += 1
    overheadScore += spectrum.overhead * floor.share
  }

  func fadeBeams(to share: Float) { products.fade(to: share) }

  func add(
    beamOf phases: UnsafePointer<Value>, bin: Int, weight: Float,
    to evidence: DirectionEvidence<Float>
  ) {
    products.add(phases, weight: weight, bin: bin)
  }

  func complete(_ evidence: DirectionEvidence<Float>) {
    evidence.clearPower()
    let scale = 1 / Float(microphones)
    for bin in 0..<bins {
      begin()
      var first = steered
      while first > 0 {
        first &-= 8
        let (even, odd) = products.powers(bin: bin, steering(bin, 0) + first, step: 2 &* steered)
        set(first, (even + odd) * scale)
        if grid.half > 0 { set(first &+ grid.half, (even - odd) * scale) }
      }
      evidence.add(.power, work, factor: 1, bin: bin)
    }
  }

  @inline(never)
  func spectrum(
    _ vector: UnsafePointer<Value>, bin: Int, weight: Float, floor: SpectrumFloor
  ) -> (values: UnsafePointer<Float>, factor: Float, overhead: Float) {
    evaluate(vector, bin)
    let floor = floor.share
    var greatest = SIMD8<Float>(repeating: 0)
    for first in stride(from: 0, to: padded, by: 8) {
      let place = UnsafeMutableRawPointer(work + first)
      let distance = 1 - place.loadUnaligned(as: SIMD8<Float>.self)
      let value = 1 / hr_raise_f32x8(distance, floor)
      greatest = hr_max_f32x8(greatest, value)
      place.storeBytes(of: value, as: SIMD8<Float>.self)
    }
    let overhead = grid.elevations == 1 ? overhead(vector, floor) : 0
    let most = max(hr_greatest_f32x8(greatest), overhead)
    return (UnsafePointer(work), weight / most, overhead)
  }

  /// MUSIC's value for sound that reaches all microphones of a flat array at once: from straight above, or
  /// because channels are the same. What it explains better than any direction does not vote in full.
  private func overhead(_ vector: UnsafePointer<Value>, _ floor: Float) -> Float {
    var (re, im): (Float, Float) = (0, 0)
    for microphone in 0..<microphones {
      re += vector[microphone].re
      im += vector[microphone].im
    }
    return 1 / max(1 - (re * re + im * im) / Float(microphones), floor)
  }

  /// Sets `work` to how far the vector, of length 1, agrees with each direction, from 0 to 1.
  @inline(never)
  private func evaluate(_ vector: UnsafePointer<Value>, _ bin: Int) {
    let scale = 1 / Float(microphones)
    begin()
    var first = steered
    while first > 0 {
      first &-= 8
      // What conj(v) times the steering is made of; opposite, steering is conjugate.
      var (ar, bi) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
      var (br, ai) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
      for microphone in 0..<microphones {
        let steering = UnsafeRawPointer(steering(bin, microphone) + first)
        let a = steering.loadUnaligned(as: SIMD8<Float>.self)
        let b = steering.loadUnaligned(fromByteOffset: 4 &* steered, as: SIMD8<Float>.self)
        let v = vector[microphone]
        ar += a * v.re
        bi += b * v.im
        br += b * v.re
        ai += a * v.im
      }
      set(first, ((ar + bi) * (ar + bi) + (br - ai) * (br - ai)) * scale)
      guard grid.half > 0 else { continue }
      set(first &+ grid.half, ((ar - bi) * (ar - bi) + (br + ai) * (br + ai)) * scale)
    }
  }

  /// What lies behind the directions agrees with nothing. Others are set from the last on: what lies behind a half
  /// gives way to what is opposite its beginning.
  private func begin() { set(padded - 8, .zero) }

  /// Sets eight of `work`.
  @inline(__always)
  private func set(_ first: Int, _ values: SIMD8<Float>) {
    UnsafeMutableRawPointer(work + first).storeBytes(of: values, as: SIMD8<Float>.self)
  }

  private func add(factor: Float) {
    for first in stride(from: 0, to: padded, by: 8) {
      Float.add(work + first, times: factor, to: sums + first)
    }
  }
}
