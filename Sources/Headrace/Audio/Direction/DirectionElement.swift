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
