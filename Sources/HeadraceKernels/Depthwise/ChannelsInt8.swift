import CHeadrace

/// Channels that an int8 kernel of three taps or 3x3 sums at once, two taps a step, and what becomes of the sums.
protocol ChannelsInt8 {
  /// Inputs, or weights, of each of two taps.
  associatedtype Pair: BitwiseCopyable
  associatedtype Sums

  static func pair(_ first: UnsafePointer<Int8>, _ second: UnsafePointer<Int8>) -> Pair
  /// Weights of one tap of a pair; the other's are 0.
  static func first(_ weights: UnsafePointer<Int8>) -> Pair
  static func second(_ weights: UnsafePointer<Int8>) -> Pair
  static func add(_ sums: Sums, _ w: Pair, _ x: Pair) -> Sums
  /// The same of the first or the second tap alone; the other's weights are 0.
  static func addFirst(_ sums: Sums, _ w: Pair, _ x: Pair) -> Sums
  static func addSecond(_ sums: Sums, _ w: Pair, _ x: Pair) -> Sums

  /// Whether two outputs are sooner stored together wherever there are two.
  static var storesTwo: Bool { get }
  /// What sums begin with.
  var bias: Sums { get }
  func store(_ sums: Sums, _ y: UnsafeMutablePointer<Int8>)
  func store(
    _ first: Sums, _ second: Sums, _ y: UnsafeMutablePointer<Int8>,
    _ next: UnsafeMutablePointer<Int8>)
}

/// Eight channels, with factors that are small.
extension EpilogueInt8: ChannelsInt8 {
  @inline(__always)
  static func pair(_ first: UnsafePointer<Int8>, _ second: UnsafePointer<Int8>) -> hr_pair_i8 {
    hr_load_pair_i8(first, second)
  }
  @inline(__always)
  static func first(_ weights: UnsafePointer<Int8>) -> hr_pair_i8 { hr_load_first_i8(weights) }
  @inline(__always)
  static func second(_ weights: UnsafePointer<Int8>) -> hr_pair_i8 { hr_load_second_i8(weights) }
  @inline(__always)
  static func add(_ sums: SIMD8<Int32>, _ w: hr_pair_i8, _ x: hr_pair_i8) -> SIMD8<Int32> {
    hr_mac_pair_i8(sums, w, x)
  }
  @inline(__always)
  static func addFirst(_ sums: SIMD8<Int32>, _ w: hr_pair_i8, _ x: hr_pair_i8) -> SIMD8<Int32> {
    hr_mac_first_i8(sums, w, x)
  }
  @inline(__always)
  static func addSecond(_ sums: SIMD8<Int32>, _ w: hr_pair_i8, _ x: hr_pair_i8) -> SIMD8<Int32> {
    hr_mac_second_i8(sums, w, x)
  }

  @inline(__always)
  static var storesTwo: Bool { false }

  @inline(__always)
  func store(_ sums: SIMD8<Int32>, _ y: UnsafeMutablePointer<Int8>) {
    store8(hr_narrow_clamped_i8x8(scaledSmall(sums), zero, low, high), y, 8)
  }

  @inline(__always)
  func store(
    _ first: SIMD8<Int32>, _ second: SIMD8<Int32>, _ y: UnsafeMutablePointer<Int8>,
    _ next: UnsafeMutablePointer<Int8>
  ) {
    #if HEADRACE_AVX2
    let halves = Halves(self)
    hr_store_halves_i8x8(halves(first), halves(second), zero, low, high, y, next)
    #else
    store(first, y)
    store(second, next)
    #endif
  }
}
