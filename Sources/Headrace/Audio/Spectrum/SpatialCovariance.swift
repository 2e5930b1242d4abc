import CHeadrace

/// The covariance in floating point, four rows at a time.
struct SpatialCovariance: SourceCovariance {
  typealias Value = Complex<Float>
  /// Of each four microphones the real parts, then the imaginary ones.
  private typealias Rows = InlineArray<8, SIMD4<Float>>

  /// [column][row / 4][re, im], [4] of each; rows that there are not are zero.
  private let matrix: UnsafeMutablePointer<SIMD4<Float>>
  let vector: UnsafeMutablePointer<Value>
  private let microphones: Int
  /// Vectors of a column.
  private let height: Int

  private static func height(_ microphones: Int) -> Int { (microphones &+ 3) / 4 &* 2 }

  /// A multiple of 16.
  static func byteCount(_ microphones: Int) -> Int {
    (16 * height(microphones) * microphones + 8 * microphones + 15) & ~15
  }

  init(_ microphones: Int, in memory: UnsafeMutableRawPointer) {
    self.microphones = microphones
    height = Self.height(microphones)
    matrix = memory.assumingMemoryBound(to: SIMD4<Float>.self)
    vector = UnsafeMutableRawPointer(matrix + height &* microphones).assumingMemoryBound(
      to: Value.self)
  }

  func begin() {
    matrix.update(repeating: .zero, count: height &* microphones)
    for index in 0..<microphones { vector[index] = Value(re: 1, im: 0) }
  }

  private static var iterations: Int { 3 }

  /// A microphone's; zero where there is none.
  @inline(__always)
  private func value(_ frame: UnsafePointer<Value>, _ step: Int, _ microphone: Int) -> Value {
    microphone < microphones ? frame[microphone &* step] : .zero
  }

  @inline(never)
  func add(_ frame: UnsafePointer<Value>, step: Int, raisedBy digits: Int, newest: Float) {
    var y = Rows(repeating: .zero)
    for re in stride(from: 0, to: height, by: 2) {
      let (a, b) = (value(frame, step, 2 &* re), value(frame, step, 2 &* re &+ 1))
      let (c, d) = (value(frame, step, 2 &* re &+ 2), value(frame, step, 2 &* re &+ 3))
      y[re] = SIMD4(a.re, b.re, c.re, d.re)
      y[re &+ 1] = SIMD4(a.im, b.im, c.im, d.im)
    }
    for column in 0..<microphones {
      let x = frame[column &* step].scaled(by: newest)
      let line = matrix + column &* height
      for re in stride(from: 0, to: height, by: 2) {
        let im = re &+ 1
        // y conj(x)
        let older = (line[re] * (1 - newest), line[im] * (1 - newest))
        line[re] = hr_mac_f32x4(hr_mac_f32x4(older.0, y[re], x.re), y[im], x.im)
        line[im] = hr_mac_f32x4(hr_mac_f32x4(older.1, y[im], x.re), y[re], -x.im)
      }
    }
  }

  @inline(never)
  func directness() -> Float {
    var power: Float = 0
    for index in 0..<microphones {
      power += matrix[index &* height &+ index / 4 &* 2][index % 4]
    }
    guard power > 1e-12 else { return 0 }
    let share = 1 / power
    // Squares of the vector's length, before and after the last product.
    var (before, after): (Float, Float) = (1, 1)
    for _ in 0..<Self.iterations {
      before = after
      after = multiply(by: share)
    }
    // A vector that the matrix maps to nothing: begin anew from the strongest column's neighbourhood.
    guard after > before * 1e-12 else {
      for index in 0..<microphones { vector[index] = Value(re: index == 0 ? 1 : 0.5, im: 0) }
      return 0
    }
    let scale = 1 / after.squareRoot()
    for row in 0..<microphones { vector[row] = vector[row].scaled(by: scale) }
    let least = 1 / Float(microphones)
    return max(min((after / before).squareRoot(), 1) - least, 0) / (1 - least)
  }

  /// Makes the vector the matrix's product with it, times a factor. Returns the square of its length.
  @inline(__always)
  private func multiply(by factor: Float) -> Float {
    var next = Rows(repeating: .zero)
    var squares = SIMD4<Float>(repeating: 0)
    var group = 0
    while group < height {
      // Four sums, so that none waits for another.
      var (ar, bi) = (SIMD4<Float>(repeating: 0), SIMD4<Float>(repeating: 0))
      var (ai, br) = (ar, ar)
      for column in 0..<microphones {
        let line = matrix + (column &* height &+ group)
        let v = vector[column]
        ar = hr_mac_f32x4(ar, line[0], v.re)
        bi = hr_mac_f32x4(bi, line[1], v.im)
        ai = hr_mac_f32x4(ai, line[0], v.im)
        br = hr_mac_f32x4(br, line[1], v.re)
      }
      let (re, im) = ((ar - bi) * factor, (ai + br) * factor)
      squares += re * re + im * im
      next[group] = re
      next[group &+ 1] = im
      group &+= 2
    }
    for row in 0..<microphones {
      let (group, lane) = (row / 4 &* 2, row % 4)
      vector[row] = Value(re: next[group][lane], im: next[group &+ 1][lane])
    }
    return squares.sum()
  }
}
