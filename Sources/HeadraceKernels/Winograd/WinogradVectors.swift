import CHeadrace

/// Vectors of channels that transforms work on.
protocol WinogradVector: BitwiseCopyable {
  static func load(_ x: UnsafePointer<Float>) -> Self
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  #if arch(arm64)
  /// What is at `x`, which moves on by `step` bytes.
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self
  /// Stores at `y`, which moves on by `step` bytes.
  func put(_ y: inout UnsafeMutablePointer<Float>?, step: Int)
  #endif
  /// `self + factor b`
  func adding(_ factor: Float, _ b: Self) -> Self
}

extension SIMD8<Float>: WinogradVector {
  @inline(__always)
  static func load(_ x: UnsafePointer<Float>) -> Self { load8(x) }
  #if arch(arm64)
  @inline(__always)
  func put(_ y: inout UnsafeMutablePointer<Float>?, step: Int) {
    hr_walk_store_f32x8(&y, step, self)
  }
  #endif
  @inline(__always)
  func adding(_ factor: Float, _ b: Self) -> Self { hr_mac_f32x8(self, b, factor) }
}

extension SIMD4<Float>: WinogradVector {
  @inline(__always)
  static func load(_ x: UnsafePointer<Float>) -> Self {
    UnsafeRawPointer(x).loadUnaligned(as: Self.self)
  }
  #if arch(arm64)
  @inline(__always)
  static func take(_ x: inout UnsafePointer<Float>?, step: Int) -> Self { hr_walk_f32x4(&x, step) }
  @inline(__always)
  func put(_ y: inout UnsafeMutablePointer<Float>?, step: Int) {
    hr_walk_store_f32x4(&y, step, self)
  }
  #endif
  @inline(__always)
  func adding(_ factor: Float, _ b: Self) -> Self { hr_mac_f32x4(self, b, factor) }
}

/// Six vectors: a row or a column of a tile's points.
struct WinogradLine<Vector: WinogradVector>: BitwiseCopyable {
  var p0: Vector
  var p1: Vector
  var p2: Vector
  var p3: Vector
  var p4: Vector
  var p5: Vector

  @inline(__always)
  init(_ p0: Vector, _ p1: Vector, _ p2: Vector, _ p3: Vector, _ p4: Vector, _ p5: Vector) {
    self.p0 = p0
    self.p1 = p1
    self.p2 = p2
    self.p3 = p3
    self.p4 = p4
    self.p5 = p5
  }

  /// The inputs' transform of a line of pixels, B^T of FORMAT.md.
  @inline(__always)
  var transformedInputs: Self {
    #if arch(arm64)
    // In this order no accumulator is needed again, so that none is copied.
    let far = p4 - p2
    let odd = p3 - p1
    let first = p0 - p2
    let last = p5 - p3
    let twice = odd + odd
    let third = far + twice
    let fourth = far - twice
    let near = p4.adding(-4, p2)
    let nearOdd = p3.adding(-4, p1)
    return Self(
      far.adding(4, first), near + nearOdd, near - nearOdd, third, fourth, last.adding(-4, odd))
    #else
    let near = p4.adding(-4, p2)
    let nearOdd = p3.adding(-4, p1)
    let far = p4 - p2
    let farOdd = p3 - p1
    return Self(
      p4.adding(4, p0).adding(-5, p2), near + nearOdd, near - nearOdd, far.adding(2, farOdd),
      far.adding(-2, farOdd), p5.adding(4, p1).adding(-5, p3))
    #endif
  }

  /// The products' transform of a line of points, A^T of FORMAT.md. Of three outputs the last also
  /// takes the last point, which otherwise is the fourth's.
  @inline(__always)
  func transformedOutputs(size: UInt32) -> WinogradOutputs<Vector> {
    let one = p1 + p2
    let two = p3 + p4
    let oneOdd = p1 - p2
    let twoOdd = p3 - p4
    let first = p0 + one + two
    let third = one.adding(4, two)
    return WinogradOutputs(
      y0: first, y1: oneOdd.adding(2, twoOdd), y2: size == 3 ? third + p5 : third,
      y3: size == 3 ? third : (oneOdd + p5).adding(8, twoOdd))
  }
}

/// Up to four outputs of a line.
struct WinogradOutputs<Vector: WinogradVector>: BitwiseCopyable {
  var y0: Vector
  var y1: Vector
  var y2: Vector
  var y3: Vector
}

extension WinogradOutputs<SIMD8<Float>> {
  @inline(__always)
  mutating func clamp(_ clamp: FloatClamp) {
    if clamp.isBelow {
      y0 = hr_raise_f32x8(y0, clamp.low)
      y1 = hr_raise_f32x8(y1, clamp.low)
      y2 = hr_raise_f32x8(y2, clamp.low)
      y3 = hr_raise_f32x8(y3, clamp.low)
    }
    if clamp.isAbove {
      y0 = hr_lower_f32x8(y0, clamp.high)
      y1 = hr_lower_f32x8(y1, clamp.high)
      y2 = hr_lower_f32x8(y2, clamp.high)
      y3 = hr_lower_f32x8(y3, clamp.high)
    }
  }
}
