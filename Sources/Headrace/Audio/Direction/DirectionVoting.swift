/// What the bins of a window say about every direction, added up.
protocol DirectionVoting {
  associatedtype Scalar: SpectralScalar
  /// Of maps of directions.
  associatedtype Element: DirectionElement
  typealias Value = Complex<Scalar>

  var grid: DirectionGrid { get }
  /// The weight of all votes: what every score would be if all agreed.
  var total: Float { get }
  /// What the direction straight above a single row of azimuths scores.
  var overheadScore: Float { get }
  /// Of every direction, until the next votes.
  func scores() -> UnsafeMutablePointer<Float>

  init(_ grid: DirectionGrid, _ layout: LocatorLayout, _ memory: UnsafeMutableRawPointer)
  /// Works out the steering vectors of bins that are `binWidth` Hz apart.
  func steer(_ array: MicrophoneArray, firstBin: Int, binWidth: Float)

  /// Older votes keep this part of their weight.
  mutating func fade(to share: Scalar)
  /// Votes with the power of a beam of unit phasors: SRP-PHAT.
  mutating func add(beamOf phases: UnsafePointer<Value>, bin: Int, weight: Scalar)
  /// Votes with MUSIC's spectrum, its greatest value made one.
  mutating func add(
    subspaceOf vector: UnsafePointer<Value>, bin: Int, weight: Scalar, floor: SpectrumFloor)
  /// Votes with MUSIC's spectrum as it is: what is sharper counts more.
  mutating func add(plainSubspaceOf vector: UnsafePointer<Value>, bin: Int)

  /// Beams for evidence that came before keep this part of their weight.
  func fadeBeams(to share: Float)
  /// Takes in a beam of unit phasors, whose power in every direction is evidence: at once, or in `complete`.
  func add(
    beamOf phases: UnsafePointer<Value>, bin: Int, weight: Float,
    to evidence: DirectionEvidence<Element>)
  /// Makes evidence what all beams are, before it is read.
  func complete(_ evidence: DirectionEvidence<Element>)
  /// MUSIC's spectrum in every direction, until the next bin's: the inverse distance of each direction from the
  /// space that the source's vector spans. The factor makes its greatest value `weight`, that from straight above a
  /// single row included.
  func spectrum(
    _ vector: UnsafePointer<Value>, bin: Int, weight: Scalar, floor: SpectrumFloor
  ) -> (values: UnsafePointer<Element>, factor: Element, overhead: Element)
}

/// How near to perfect an agreement with a direction counts, in hundredths: what keeps a single vote from outweighing
/// a window. Vectors of many frames are more exact.
struct SpectrumFloor {
  let hundredths: Int32

  static var ofMany: SpectrumFloor { SpectrumFloor(hundredths: 2) }
  static var ofFew: SpectrumFloor { SpectrumFloor(hundredths: 4) }
  static var ofPlain: SpectrumFloor { SpectrumFloor(hundredths: 5) }

  var share: Float { Float(hundredths) / 100 }
}

/// Where evidence takes in every beam at once.
extension DirectionVoting {
  func fadeBeams(to share: Float) {}
  func complete(_ evidence: DirectionEvidence<Element>) {}
}

/// A value of a map of directions, of which eight are worked on at once.
protocol DirectionElement: BitwiseCopyable {
  typealias Values = UnsafePointer<Self>
  typealias Sums = UnsafeMutablePointer<Self>

  /// Adds eight values from 0 to 1, times a factor that gives no more than 1.
  static func add(_ values: Values, times factor: Self, to sums: Sums)
  /// Multiplies eight sums by a factor from 0 to 1.
  static func fade(_ sums: Sums, to share: Self)
  init(share: Float)
  var float: Float { get }
}

extension Float: DirectionElement {
  @inline(__always)
  static func add(_ values: Values, times factor: Float, to sums: Sums) {
    store(eight(sums) + eight(values) * factor, to: sums)
  }
  @inline(__always)
  static func fade(_ sums: Sums, to share: Float) { store(eight(sums) * share, to: sums) }
  init(share: Float) { self = share }
  @inline(__always)
  var float: Float { self }

  @inline(__always)
  private static func eight(_ values: Values) -> SIMD8<Float> {
    UnsafeRawPointer(values).loadUnaligned(as: SIMD8<Float>.self)
  }
  @inline(__always)
  private static func store(_ eight: SIMD8<Float>, to sums: Sums) {
    UnsafeMutableRawPointer(sums).storeBytes(of: eight, as: SIMD8<Float>.self)
  }
}

/// A fraction of 2^15; as a factor, of 2^16.
struct Q15Sum: DirectionElement {
  var bits: Int32

  static var one: Q15Sum { Q15Sum(bits: 1 &<< 16) }
  @inline(__always)
  static func add(_ values: Values, times factor: Q15Sum, to sums: Sums) {
    for lane in 0..<8 { sums[lane].bits &+= values[lane].scaled(by: factor).bits }
  }
  @inline(__always)
  static func fade(_ sums: Sums, to share: Q15Sum) {
    for lane in 0..<8 {
      let product = Int64(sums[lane].bits) &* Int64(share.bits)
      sums[lane].bits = Int32(truncatingIfNeeded: (product &+ 1 &<< 15) &>> 16)
    }
  }
  /// A value from 0 to 1 times a factor that gives no more than 1.
  @inline(__always)
  func scaled(by factor: Q15Sum) -> Q15Sum { Q15Sum(bits: (bits &* factor.bits) &>> 16) }
  init(bits: Int32) { self.bits = bits }
  init(share: Float) { bits = Int32((share * 0x1p16).rounded()) }
  var float: Float { Float(bits) * 0x1p-15 }
}
