/// The covariance in fixed point: a matrix in Q31 with an exponent of its own, so that it is as exact in quiet
/// moments as in loud ones, and a vector in Q30.
struct FixedCovariance: SourceCovariance {
  typealias Value = Complex<Q31>

  private let matrix: UnsafeMutablePointer<Value>
  let vector: UnsafeMutablePointer<Value>
  /// By how many digits the matrix is raised.
  private let exponent: UnsafeMutablePointer<Int32>
  private let microphones: Int

  private static var iterations: Int { 3 }
  /// The exponent of nothing: anything that comes counts more.
  private static var nothing: Int32 { 1 &<< 20 }
  /// A matrix that has to be raised more is silence: 160 dB below full scale.
  private static var quietest: Int32 { 24 }

  static func byteCount(_ microphones: Int) -> Int {
    8 * microphones * (microphones + 1) + 8
  }

  init(_ microphones: Int, in memory: UnsafeMutableRawPointer) {
    self.microphones = microphones
    matrix = memory.assumingMemoryBound(to: Value.self)
    vector = matrix + microphones &* microphones
    exponent = UnsafeMutableRawPointer(vector + microphones).assumingMemoryBound(to: Int32.self)
  }

  func begin() {
    exponent.pointee = Self.nothing
    matrix.update(repeating: .zero, count: microphones &* microphones)
    guess()
  }

  private func guess() {
    for index in 0..<microphones {
      vector[index] = Value(re: Q31(bits: 1 &<< (index == 0 ? 28 : 27)), im: .zero)
    }
  }

  @inline(never)
  func add(_ frame: UnsafePointer<Value>, step: Int, raisedBy digits: Int, newest: Q31) {
    let older = Q31(bits: .max) - newest
    var values = InlineArray<16, Value>(repeating: .zero)
    for index in 0..<microphones { values[index] = frame[index &* step] }
    let raising = withUnsafeMutablePointer(to: &values) {
      UnitVector.raise(UnsafeMutableRawPointer($0).assumingMemoryBound(to: Value.self), microphones)
    }
    guard let (more, trace) = raising else { return fade(to: older) }
    // Of products, as many digits are kept as give a trace between 2^29 and 2^30.
    let dropped = 34 &- trace.leadingZeroBitCount
    let raised = Int32(truncatingIfNeeded: 2 &* (digits &+ more) &- dropped)
    // What is raised more has to come down.
    let common = min(raised, exponent.pointee)
    let lowerOld = min(exponent.pointee &- common, 31)
    let lowerNew = Int64(min(Int(raised &- common), 28) &+ dropped)
    let half: Int64 = 1 &<< (lowerNew &- 1)
    func mean(_ old: Q31, _ new: Int64) -> Q31 {
      Q31.product(Q31(bits: old.bits &>> lowerOld), older)
        + Q31.product(Q31(bits: Int32(truncatingIfNeeded: new &>> lowerNew)), newest)
    }
    for row in 0..<microphones {
      let y = values[row].wide
      for column in 0...row {
        let x = values[column].wide
        // y conj(x)
        let re = y.re &* x.re &+ y.im &* x.im &+ half
        let im = y.im &* x.re &- y.re &* x.im &+ half
        let old = matrix[row &* microphones &+ column]
        set(row, column, Value(re: mean(old.re, re), im: mean(old.im, im)))
      }
    }
    exponent.pointee = common
  }

  /// Silence: what was fades.
  private func fade(to older: Q31) {
    guard exponent.pointee <= Self.quietest else { return begin() }
    for row in 0..<microphones {
      for column in 0...row {
        set(row, column, matrix[row &* microphones &+ column].scaled(by: older))
      }
    }
  }

  private func set(_ row: Int, _ column: Int, _ value: Value) {
    matrix[row &* microphones &+ column] = value
    matrix[column &* microphones &+ row] = value.conjugate
  }

  @inline(never)
  func directness() -> Q31 {
    let faded = trace()
    guard faded > 0, exponent.pointee <= Self.quietest else { return .zero }
    raise(trace: faded)
    let power = trace()
    var largest: Int32 = 0
    for _ in 0..<Self.iterations {
      var next = InlineArray<16, Value>(repeating: .zero)
      for row in 0..<microphones { next[row] = product(row) }
      let length = withUnsafeMutablePointer(to: &next) {
        let next = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Value.self)
        let length = UnitVector.normalize(next, microphones)
        // A vector that the matrix maps to nothing: begin anew from the strongest column's neighbourhood.
        if length > power &>> 20 {
          vector.update(from: next, count: microphones)
        } else {
          guess()
        }
        return length
      }
      largest = length
    }
    return Self.excess(largest, of: power, microphones)
  }

  private func trace() -> Int32 {
    var sum: Int32 = 0
    for index in 0..<microphones { sum &+= matrix[index &* (microphones &+ 1)].re.bits }
    return sum
  }

  /// What faded gets its digits back.
  private func raise(trace: Int32) {
    let digits = trace.leadingZeroBitCount &- 2
    guard digits > 0 else { return }
    for index in 0..<microphones &* microphones {
      matrix[index] = Value(
        re: matrix[index].re.raised(by: digits), im: matrix[index].im.raised(by: digits))
    }
    exponent.pointee &+= Int32(truncatingIfNeeded: digits)
  }

  /// A row times the vector. A row is no longer than the trace, below 2^30, so that no sum overflows.
  private func product(_ row: Int) -> Value {
    let line = matrix + row &* microphones
    let half: Int64 = 1 &<< 29
    var (re, im) = (half, half)
    for column in 0..<microphones {
      let (a, v) = (line[column].wide, vector[column].wide)
      re &+= a.re &* v.re &- a.im &* v.im
      im &+= a.re &* v.im &+ a.im &* v.re
    }
    return Value(
      re: Q31(bits: Int32(truncatingIfNeeded: re &>> 30)),
      im: Q31(bits: Int32(truncatingIfNeeded: im &>> 30)))
  }

  /// (largest / power - 1 / count) / (1 - 1 / count), from 0 to 1.
  private static func excess(_ largest: Int32, of power: Int32, _ count: Int) -> Q31 {
    let count = Int64(count)
    let over = (Int64(largest) &* count &- Int64(power)) &<< 27
    let whole = Int64(power) &* (count &- 1)
    return Q31(bits: Int32(max(0, min(over / whole, (1 &<< 27) - 1))) &<< 4)
  }
}
