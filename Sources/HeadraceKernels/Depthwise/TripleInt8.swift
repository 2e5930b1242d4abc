import CHeadrace

/// The weights a, b, c of three taps in a row. Inputs come as pairs of neighbours (x0, x1), (x2, x3),
/// which two neighbouring outputs share.
struct TripleInt8 {
  private let ab: hr_pair_i8
  private let c: hr_pair_i8
  private let a: hr_pair_i8
  private let bc: hr_pair_i8

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    ab = hr_load_pair_i8(weights, weights + step)
    c = hr_load_first_i8(weights + 2 &* step)
    a = hr_load_second_i8(weights)
    bc = hr_load_pair_i8(weights + step, weights + 2 &* step)
  }

  /// `sums + x0 a + x1 b + x2 c`
  @inline(__always)
  func even(_ sums: SIMD8<Int32>, _ x01: hr_pair_i8, _ x23: hr_pair_i8) -> SIMD8<Int32> {
    hr_mac_first_i8(hr_mac_pair_i8(sums, ab, x01), c, x23)
  }

  /// `sums + x1 a + x2 b + x3 c`
  @inline(__always)
  func odd(_ sums: SIMD8<Int32>, _ x01: hr_pair_i8, _ x23: hr_pair_i8) -> SIMD8<Int32> {
    hr_mac_pair_i8(hr_mac_second_i8(sums, a, x01), bc, x23)
  }
}
