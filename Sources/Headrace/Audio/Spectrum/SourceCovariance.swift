/// How the microphones' spectra of one bin vary together: a Hermitian matrix, averaged over some frames,
/// and the vector that explains most of it.
///
/// Where one source's direct sound dominates, the matrix has rank one and the vector points to the source
/// (the direct-path dominance test: Nadiri and Rafaely, IEEE/ACM TASLP 22(10), 2014).
protocol SourceCovariance {
  associatedtype Scalar: SpectralScalar
  typealias Value = Complex<Scalar>

  /// [microphones], of length 1. The last frame's is where the search for the next begins.
  var vector: UnsafeMutablePointer<Value> { get }

  init(_ microphones: Int, in memory: UnsafeMutableRawPointer)
  /// Empties the matrix, and makes a first guess of the vector.
  func begin()
  /// Takes in the newest frame, whose values lie `step` apart and were raised by `digits`, and counts that much.
  func add(_ frame: UnsafePointer<Value>, step: Int, raisedBy digits: Int, newest: Scalar)
  /// Improves `vector` by power iteration. Returns how far it explains all power: 0 for noise that is the same
  /// everywhere and independent, and for silence, 1 for a single source.
  func directness() -> Scalar
}
