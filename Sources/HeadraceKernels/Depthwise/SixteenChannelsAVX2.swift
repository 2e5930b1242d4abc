import CHeadrace

#if HEADRACE_AVX2

/// What becomes of the sums of sixteen channels, which hold the bias already.
struct SixteenChannels {
  let bias: SIMD16<Int32>
  private let low: Halves
  private let high: Halves
  private let zero: Int32
  private let least: Int32
  private let most: Int32

  /// nil unless every factor is below 1/4.
  @inline(__always)
  init?(_ epilogue: hr_epilogue, _ channel: Int) {
    let multipliers = hr_load_sums_x16(epilogue.multipliers.unsafelyUnwrapped + channel)
    let shifts = hr_load_sums_x16(epilogue.shifts.unsafelyUnwrapped + channel)
    guard hr_have_halves_i32x8(multipliers.lowHalf, shifts.lowHalf),
      hr_have_halves_i32x8(multipliers.highHalf, shifts.highHalf)
    else { return nil }
    low = Halves(multipliers.lowHalf, shifts.lowHalf)
    high = Halves(multipliers.highHalf, shifts.highHalf)
    bias =
      epilogue.bias.map { hr_load_sums_x16($0.assumingMemoryBound(to: Int32.self) + channel) }
      ?? SIMD16(repeating: 0)
    zero = epilogue.output_zero
    least = epilogue.clamp_min
    most = epilogue.clamp_max
  }

  @inline(__always)
  private func outputs(_ first: SIMD16<Int32>, _ second: SIMD16<Int32>) -> SIMD32<Int8> {
    hr_sixteens_of_halves(
      low(first.lowHalf), high(first.highHalf), low(second.lowHalf), high(second.highHalf), zero,
      least, most)
  }

  @inline(__always)
  func store(
    _ first: SIMD16<Int32>, _ second: SIMD16<Int32>, _ y: UnsafeMutablePointer<Int8>,
    _ next: UnsafeMutablePointer<Int8>
  ) {
    hr_store_pixels_i8x32(outputs(first, second), y, next)
  }

  @inline(__always)
  func store(_ sums: SIMD16<Int32>, _ y: UnsafeMutablePointer<Int8>) {
    hr_store_pixel_i8x32(outputs(sums, sums), y)
  }
}

/// `TripleInt8` of sixteen channels.
struct SixteenTriples {
  private let ab: hr_pairs_i8x16
  private let c: hr_pairs_i8x16
  private let a: hr_pairs_i8x16
  private let bc: hr_pairs_i8x16

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    ab = hr_load_pairs_i8x16(weights, weights + step)
    c = hr_load_first_i8x16(weights + 2 &* step)
    a = hr_load_second_i8x16(weights)
    bc = hr_load_pairs_i8x16(weights + step, weights + 2 &* step)
  }

  @inline(__always)
  func even(
    _ sums: SIMD16<Int32>, _ x01: hr_pairs_i8x16, _ x23: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    hr_mac_pairs_i8x16(hr_mac_pairs_i8x16(sums, ab, x01), c, x23)
  }

  @inline(__always)
  func odd(
    _ sums: SIMD16<Int32>, _ x01: hr_pairs_i8x16, _ x23: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    hr_mac_pairs_i8x16(hr_mac_pairs_i8x16(sums, a, x01), bc, x23)
  }
}

/// The weights of a 3x3 kernel: the first two rows in pairs, column by column, and the last row.
struct SixteenWindows {
  private let column0: hr_pairs_i8x16
  private let column1: hr_pairs_i8x16
  private let column2: hr_pairs_i8x16
  let lastRow: SixteenTriples

  @inline(__always)
  init(_ weights: UnsafePointer<Int8>, _ step: Int) {
    column0 = hr_load_pairs_i8x16(weights, weights + 3 &* step)
    column1 = hr_load_pairs_i8x16(weights + step, weights + 4 &* step)
    column2 = hr_load_pairs_i8x16(weights + 2 &* step, weights + 5 &* step)
    lastRow = SixteenTriples(weights + 6 &* step, step)
  }

  /// Sums of the first two rows, of three columns of pairs.
  @inline(__always)
  func firstRows(
    _ sums: SIMD16<Int32>, _ x0: hr_pairs_i8x16, _ x1: hr_pairs_i8x16, _ x2: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    hr_mac_pairs_i8x16(
      hr_mac_pairs_i8x16(hr_mac_pairs_i8x16(sums, column0, x0), column1, x1), column2, x2)
  }

  /// The sums of any output.
  @inline(__always)
  func sums(
    _ bias: SIMD16<Int32>, _ span: hr_depthwise_row.Span<Int8>, _ pixel: Int
  ) -> SIMD16<Int32> {
    @inline(__always)
    func pairs(_ first: Int, _ second: Int) -> hr_pairs_i8x16 {
      hr_load_pairs_i8x16(span.tap(first, pixel: pixel), span.tap(second, pixel: pixel))
    }
    return lastRow.even(
      firstRows(bias, pairs(0, 3), pairs(1, 4), pairs(2, 5)), pairs(6, 7), pairs(8, 8))
  }
}

#endif
