/// The covariance in floating point.
struct SpatialCovariance: SourceCovariance {
  typealias Value = Complex<Float>

  private let matrix: UnsafeMutablePointer<Value>
  let vector: UnsafeMutablePointer<Value>
  private let microphones: Int

  init(_ layout: LocatorLayout, bin: Int, _ memory: UnsafeMutableRawPointer) {
    microphones = layout.microphones
    let place = memory + layout.covariances + bin &* layout.covarianceStride
    matrix = place.assumingMemoryBound(to: Value.self)
    vector = matrix + microphones &* microphones
  }

  func begin() {
    matrix.update(repeating: .zero, count: microphones &* microphones)
    for index in 0..<microphones { vector[index] = Value(re: 1, im: 0) }
  }

  /// How much the newest frame counts.
  private static var newest: Float { 0.4 }
  private static var iterations: Int { 3 }

  func add(_ frame: UnsafePointer<Value>, step: Int, raisedBy digits: Int) {
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

  func directness() -> Float {
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
      length = length.squareRoot()
      // A vector that the matrix maps to nothing: begin anew from the strongest column's neighbourhood.
      guard length > power * 1e-6 else {
        for index in 0..<microphones { vector[index] = Value(re: index == 0 ? 1 : 0.5, im: 0) }
        continue
      }
      largest = length
      for row in 0..<microphones { vector[row] = next[row].scaled(by: 1 / length) }
    }
    let least = 1 / Float(microphones)
    return max(min(largest / power, 1) - least, 0) / (1 - least)
  }
}
