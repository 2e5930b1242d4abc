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
  mutating func add(beamOf phases: UnsafePointer<Value>, bin: Int)
  /// Votes with MUSIC's spectrum, its greatest value made one.
  mutating func add(subspaceOf vector: UnsafePointer<Value>, bin: Int, weight: Scalar)
  /// Votes with MUSIC's spectrum as it is: what is sharper counts more.
  mutating func add(plainSubspaceOf vector: UnsafePointer<Value>, bin: Int)

  /// The power of a beam of unit phasors in every direction, until the next bin's.
  func power(_ phases: UnsafePointer<Value>, bin: Int) -> UnsafePointer<Element>
  /// MUSIC's spectrum in every direction, until the next bin's: the inverse distance of each direction from the
  /// space that the source's vector spans. The factor makes its greatest value `weight`, that from straight above a
  /// single row included.
  func spectrum(
    _ vector: UnsafePointer<Value>, bin: Int, weight: Scalar
  ) -> (values: UnsafePointer<Element>, factor: Element, overhead: Element)
}

/// A value of a map of directions.
protocol DirectionElement: BitwiseCopyable {
  static var one: Self { get }
  static func + (a: Self, b: Self) -> Self
  /// A value from 0 to 1 times a factor, which gives no more than 1.
  func scaled(by factor: Self) -> Self
  /// A sum times a factor from 0 to 1.
  func faded(to share: Self) -> Self
  init(share: Float)
  var float: Float { get }
}

extension Float: DirectionElement {
  static var one: Float { 1 }
  @inline(__always)
  func scaled(by factor: Float) -> Float { self * factor }
  @inline(__always)
  func faded(to share: Float) -> Float { self * share }
  init(share: Float) { self = share }
  @inline(__always)
  var float: Float { self }
}

/// A fraction of 2^15; as a factor, of 2^16.
struct Q15Sum: DirectionElement {
  var bits: Int32

  static var one: Q15Sum { Q15Sum(bits: 1 &<< 16) }
  @inline(__always)
  static func + (a: Q15Sum, b: Q15Sum) -> Q15Sum { Q15Sum(bits: a.bits &+ b.bits) }
  @inline(__always)
  func scaled(by factor: Q15Sum) -> Q15Sum { Q15Sum(bits: (bits &* factor.bits) &>> 16) }
  @inline(__always)
  func faded(to share: Q15Sum) -> Q15Sum {
    Q15Sum(bits: Int32(truncatingIfNeeded: (Int64(bits) &* Int64(share.bits) &+ 1 &<< 15) &>> 16))
  }
  init(bits: Int32) { self.bits = bits }
  init(share: Float) { bits = Int32((share * 0x1p16).rounded()) }
  var float: Float { Float(bits) * 0x1p-15 }
}
