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

/// Where evidence takes in every beam at once.
extension DirectionVoting {
  func fadeBeams(to share: Float) {}
  func complete(_ evidence: DirectionEvidence<Element>) {}
}
