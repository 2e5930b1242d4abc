import CHeadrace

#if HEADRACE_AVX2

/// Sixteen channels, with factors below 1/4.
struct SixteenChannels: ChannelsInt8 {
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
  static func pair(_ first: UnsafePointer<Int8>, _ second: UnsafePointer<Int8>) -> hr_pairs_i8x16 {
    hr_load_pairs_i8x16(first, second)
  }
  @inline(__always)
  static func first(_ weights: UnsafePointer<Int8>) -> hr_pairs_i8x16 {
    hr_load_first_i8x16(weights)
  }
  @inline(__always)
  static func second(_ weights: UnsafePointer<Int8>) -> hr_pairs_i8x16 {
    hr_load_second_i8x16(weights)
  }
  @inline(__always)
  static func add(
    _ sums: SIMD16<Int32>, _ w: hr_pairs_i8x16, _ x: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    hr_mac_pairs_i8x16(sums, w, x)
  }
  @inline(__always)
  static func addFirst(
    _ sums: SIMD16<Int32>, _ w: hr_pairs_i8x16, _ x: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    add(sums, w, x)
  }
  @inline(__always)
  static func addSecond(
    _ sums: SIMD16<Int32>, _ w: hr_pairs_i8x16, _ x: hr_pairs_i8x16
  ) -> SIMD16<Int32> {
    add(sums, w, x)
  }

  @inline(__always)
  static var storesTwo: Bool { true }

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

#endif
