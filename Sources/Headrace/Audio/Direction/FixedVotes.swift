/// Votes in fixed point: steering vectors of 16 bits, and scores of 32 that are halved together before they
/// overflow.
struct FixedVotes: DirectionVoting {
  typealias Scalar = Q31
  typealias Value = Complex<Q31>

  let grid: DirectionGrid
  private var weight: Int32 = 0
  private var overheadSum: Int32 = 0
  /// How often scores were halved.
  private var halvings: Int32 = 0

  private let microphones: Int
  private let bins: Int
  private let padded: Int
  /// Digits that make the sum of all microphones no more than 1.
  private let headroom: Int32
  private let sums: UnsafeMutablePointer<Q15Sum>
  private let work: UnsafeMutablePointer<Q15Sum>
  private let told: UnsafeMutablePointer<Float>
  /// The least floor divided by a distance, in Q15: first of distances in Q15 that are below 1/8, then of all in Q12.
  private let inverses: UnsafeMutablePointer<Int16>
  /// [bins][microphones][re, im][padded], in Q15: how sound from a direction reaches a microphone.
  private let steering: UnsafeMutablePointer<Int16>

  private static var leastFloor: SpectrumFloor { .ofMany }
  private static var inverseCount: Int { 4096 + 4097 }
  private static var full: Int32 { 1 &<< 29 }

  static func byteCount(padded: Int, microphones: Int, bins: Int) -> Int {
    12 * padded + 2 * (inverseCount + 7) + 4 * padded * microphones * bins
  }

  init(_ grid: DirectionGrid, _ layout: LocatorLayout, _ memory: UnsafeMutableRawPointer) {
    self.grid = grid
    microphones = layout.microphones
    bins = layout.bins
    padded = layout.paddedDirections
    headroom = layout.microphones <= 4 ? 1 : 2
    sums = (memory + layout.votes).assumingMemoryBound(to: Q15Sum.self)
    work = sums + padded
    told = UnsafeMutableRawPointer(work + padded).assumingMemoryBound(to: Float.self)
    inverses = UnsafeMutableRawPointer(told + padded).assumingMemoryBound(to: Int16.self)
    steering = inverses + Self.inverseCount + 7
  }

  private func steering(_ bin: Int, _ microphone: Int) -> UnsafeMutablePointer<Int16> {
    steering + (bin &* microphones &+ microphone) &* 2 &* padded
  }

  func steer(_ array: MicrophoneArray, firstBin: Int, binWidth: Float) {
    let floor = (Self.leastFloor.hundredths &<< 15) / 100
    for index in 0..<Self.inverseCount {
      let distance = index < 4096 ? Int32(index) : Int32(index - 4096) &<< 3
      inverses[index] = Int16(min((floor &<< 15) / max(distance, floor), 32767))
    }
    array.steer(grid, firstBin: firstBin, bins: bins, binWidth: binWidth) {
      bin, microphone, direction, re, im in
      let steering = steering(bin, microphone) + direction
      steering[0] = Self.rounded(re)
      steering[padded] = Self.rounded(im)
    }
  }

  private static func rounded(_ q31: Int32) -> Int16 {
    Int16(truncatingIfNeeded: min((q31 &>> 1 &+ 1 &<< 14) &>> 15, 32767))
  }

  var total: Float { Float(weight) }
  var overheadScore: Float { Float(overheadSum) }
  func scores() -> UnsafeMutablePointer<Float> {
    for index in 0..<grid.count { told[index] = Float(sums[index].bits) }
    return told
  }

  mutating func fade(to share: Q31) {
    if weight > Self.full { halve() }
    guard share < Q31(bits: .max) else { return }
    for index in 0..<grid.count {
      sums[index].bits = Q31.product(Q31(bits: sums[index].bits), share).bits
    }
    weight = Q31.product(Q31(bits: weight), share).bits
    overheadSum = Q31.product(Q31(bits: overheadSum), share).bits
  }

  private mutating func halve() {
    for index in 0..<grid.count { sums[index].bits &>>= 1 }
    weight &>>= 1
    overheadSum &>>= 1
    halvings = min(halvings &+ 1, 31)
  }

  mutating func add(beamOf phases: UnsafePointer<Value>, bin: Int, weight: Q31) {
    evaluate(phases, bin)
    add(factor: Q15Sum(bits: weight.bits &>> 15))
    self.weight &+= weight.bits &>> (16 &+ halvings)
  }

  @inline(never)
  mutating func add(
    subspaceOf vector: UnsafePointer<Value>, bin: Int, weight: Q31, floor: SpectrumFloor
  ) {
    let spectrum = spectrum(vector, bin: bin, weight: weight, floor: floor)
    add(factor: spectrum.factor)
    self.weight &+= weight.bits &>> (16 &+ halvings)
    overheadSum &+= spectrum.overhead.scaled(by: spectrum.factor).bits &>> halvings
  }

  mutating func add(plainSubspaceOf vector: UnsafePointer<Value>, bin: Int) {
    let spectrum = spectrum(vector, bin: bin, weight: .zero, floor: .ofPlain)
    add(factor: .one)
    weight &+= (1 &<< 15) &>> halvings
    overheadSum &+= spectrum.overhead.bits &>> halvings
  }

  private func add(factor: Q15Sum) {
    for index in 0..<padded {
      sums[index].bits &+= work[index].scaled(by: factor).bits &>> halvings
    }
  }

  func add(
    beamOf phases: UnsafePointer<Value>, bin: Int, weight: Float,
    to evidence: DirectionEvidence<Q15Sum>
  ) {
    evaluate(phases, bin)
    evidence.add(.power, work, factor: Q15Sum(share: weight), bin: bin)
  }

  @inline(never)
  func spectrum(
    _ vector: UnsafePointer<Value>, bin: Int, weight: Q31, floor: SpectrumFloor
  ) -> (values: UnsafePointer<Q15Sum>, factor: Q15Sum, overhead: Q15Sum) {
    evaluate(vector, bin)
    var greatest: Int32 = 0
    for index in 0..<padded {
      let value = inverse(of: work[index].bits, floor)
      work[index].bits = value
      greatest = max(greatest, value)
    }
    let overhead = grid.elevations == 1 ? inverse(of: overheadAgreement(vector), floor) : 0
    return (
      UnsafePointer(work), Q15Sum(bits: weight.bits / max(greatest, overhead, 1)),
      Q15Sum(bits: overhead)
    )
  }

  @inline(__always)
  private func inverse(of agreement: Int32, _ floor: SpectrumFloor) -> Int32 {
    let distance = 32768 &- agreement
    let least = Int32(inverses[Int(distance < 4096 ? distance : 4096 &+ (distance &+ 4) &>> 3)])
    return min(least &* floor.hundredths / Self.leastFloor.hundredths, 32767)
  }

  /// How far the vector agrees with sound that reaches all microphones of a flat array at once.
  private func overheadAgreement(_ vector: UnsafePointer<Value>) -> Int32 {
    var (re, im): (Int32, Int32) = (0, 0)
    for microphone in 0..<microphones {
      let (a, b) = halves(vector[microphone])
      re &+= a
      im &+= b
    }
    return agreement(
      SIMD8(repeating: re &<< 15), SIMD8(repeating: im &<< 15))[0]
  }

  /// A vector's element in 16 bits, with headroom for the sum.
  @inline(__always)
  private func halves(_ value: Value) -> (Int32, Int32) {
    let shift = 15 &+ headroom
    let half: Int32 = 1 &<< (shift &- 1)
    return ((value.re.bits &+ half) &>> shift, (value.im.bits &+ half) &>> shift)
  }

  /// The squared length of sums in Q(30 - headroom), of `microphones`, in Q15 and below 1.
  @inline(__always)
  private func agreement(_ re: SIMD8<Int32>, _ im: SIMD8<Int32>) -> SIMD8<Int32> {
    let (a, b) = ((re &+ 1 &<< 14) &>> 15, (im &+ 1 &<< 14) &>> 15)
    // In Q(30 - 2 headroom) times the microphones, which leave it 30 digits; 14 of them are dropped.
    let squared = (a &* a &+ b &* b) &>> 14
    let scale: Int32 = (1 &<< (13 &+ 2 &* headroom)) / Int32(truncatingIfNeeded: microphones)
    let value = (squared &* scale) &>> 14
    let most = SIMD8<Int32>(repeating: 32767)
    return value.replacing(with: most, where: value .> most)
  }

  /// Sets `work` to how far the vector, of length 1, agrees with each direction.
  private func evaluate(_ vector: UnsafePointer<Value>, _ bin: Int) {
    var parts = InlineArray<16, (Int32, Int32)>(repeating: (0, 0))
    for microphone in 0..<microphones { parts[microphone] = halves(vector[microphone]) }
    for first in stride(from: 0, to: padded, by: 8) {
      var re = SIMD8<Int32>(repeating: 0)
      var im = SIMD8<Int32>(repeating: 0)
      for microphone in 0..<microphones {
        let steering = UnsafeRawPointer(steering(bin, microphone) + first)
        let a = SIMD8<Int32>(truncatingIfNeeded: steering.loadUnaligned(as: SIMD8<Int16>.self))
        let b = SIMD8<Int32>(
          truncatingIfNeeded: steering.loadUnaligned(
            fromByteOffset: 2 &* padded, as: SIMD8<Int16>.self))
        let (x, y) = parts[microphone]
        // conj(v) times the steering
        re = re &+ a &* x &+ b &* y
        im = im &+ b &* x &- a &* y
      }
      UnsafeMutableRawPointer(work + first).storeBytes(
        of: agreement(re, im), as: SIMD8<Int32>.self)
    }
  }
}
