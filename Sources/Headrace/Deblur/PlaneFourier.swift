/// The discrete Fourier transform of a plane of complex numbers, whose sides have no factors but 2, 3 and 5.
struct PlaneFourier {
  typealias Value = Complex<Float>

  let width: Int
  let height: Int
  private let rows: RealFourier<Float>
  private let columns: RealFourier<Float>
  private let line: UnsafeMutablePointer<Value>

  /// The least possible side of at least `extent`.
  static func side(_ extent: Int) -> Int {
    var side = max(extent, 2)
    while !RealFourier<Float>.isPossible(2 * side) { side += 1 }
    return side
  }

  static func byteCount(_ width: Int, _ height: Int) -> Int {
    RealFourier<Float>.byteCount(2 * width) + RealFourier<Float>.byteCount(2 * height)
      + 2 * max(width, height) * MemoryLayout<Value>.stride
  }

  init(_ width: Int, _ height: Int, in memory: UnsafeMutableRawPointer) {
    (self.width, self.height) = (width, height)
    rows = RealFourier(2 * width, in: memory)
    let second = memory + RealFourier<Float>.byteCount(2 * width)
    columns = RealFourier(2 * height, in: second)
    line = (second + RealFourier<Float>.byteCount(2 * height)).assumingMemoryBound(to: Value.self)
  }

  /// In place.
  func transform(_ plane: UnsafeMutablePointer<Value>) {
    for y in 0..<height {
      rows.transformComplex(plane + y &* width, to: line)
      (plane + y &* width).update(from: line, count: width)
    }
    for x in 0..<width {
      let column = line + height
      for y in 0..<height { column[y] = plane[y &* width &+ x] }
      columns.transformComplex(column, to: line)
      for y in 0..<height { plane[y &* width &+ x] = line[y] }
    }
  }
}
