import CHeadrace

/// How the microphones' spectra of one bin vary together: a Hermitian matrix, averaged over some frames,
/// and the vector that explains most of it.
///
/// Where one source's direct sound dominates, the matrix has rank one and the vector points to the source
/// (the direct-path dominance test: Nadiri and Rafaely, IEEE/ACM TASLP 22(10), 2014).
struct SpatialCovariance {
  typealias Value = Complex<Float>

  /// [microphones][microphones]
  let matrix: UnsafeMutablePointer<Value>
  /// [microphones], of length 1. The last frame's is where the search for the next begins.
  let vector: UnsafeMutablePointer<Value>
  let microphones: Int

  /// How much the newest frame counts.
  static var newest: Float { 0.4 }
  private static var iterations: Int { 3 }

  /// Takes in the newest frame, whose values lie `step` apart.
  func add(_ frame: UnsafePointer<Value>, step: Int) {
    for row in 0..<microphones {
      let y = frame[row &* step].scaled(by: Self.newest)
      let line = matrix + row &* microphones
      for column in 0...row {
        let x = frame[column &* step]
        let old = line[column].scaled(by: 1 - Self.newest)
        // y conj(x)
        let value = Value(
          re: old.re + y.re * x.re + y.im * x.im, im: old.im + y.im * x.re - y.re * x.im)
        line[column] = value
        matrix[column &* microphones &+ row] = value.conjugate
      }
    }
  }

  /// Improves `vector` by power iteration. Returns which part of all power it explains, 1 / microphones for
  /// noise that is the same everywhere and independent, 1 for a single source; 0 in silence.
  func dominance() -> Float {
    var power: Float = 0
    for index in 0..<microphones { power += matrix[index &* (microphones &+ 1)].re }
    guard power > 1e-12 else { return 0 }
    var largest: Float = 0
    for _ in 0..<Self.iterations {
      var next = InlineArray<16, Value>(repeating: .zero)
      var length: Float = 0
      for row in 0..<microphones {
        let line = matrix + row &* microphones
        var sum = Value.zero
        for column in 0..<microphones { sum = sum + vector[column].rotated(by: line[column]) }
        next[row] = sum
        length += sum.re * sum.re + sum.im * sum.im
      }
      length = sqrtf(length)
      // A vector that the matrix maps to nothing: begin anew from the strongest column's neighbourhood.
      guard length > power * 1e-6 else {
        for index in 0..<microphones { vector[index] = Value(re: index == 0 ? 1 : 0.5, im: 0) }
        continue
      }
      largest = length
      for row in 0..<microphones { vector[row] = next[row].scaled(by: 1 / length) }
    }
    return min(largest / power, 1)
  }
}
