import CHeadrace

#if HEADRACE_AVX2

/// Requantizes sums of eight channels to twice the result and the bit that rounds (see halves.h), where
/// `EpilogueInt8.isSmall`.
struct Halves {
  private let multipliers: SIMD8<Int32>
  private let oddMultipliers: SIMD8<Int32>
  private let upperShifts: SIMD8<Int32>

  @inline(__always)
  init(_ epilogue: EpilogueInt8) { self.init(epilogue.multipliers, epilogue.shifts) }

  @inline(__always)
  init(_ multipliers: SIMD8<Int32>, _ shifts: SIMD8<Int32>) {
    self.multipliers = multipliers
    oddMultipliers = hr_odd_i32x8(multipliers)
    upperShifts = hr_upper_shifts_i32x8(shifts)
  }

  @inline(__always)
  func callAsFunction(_ sums: SIMD8<Int32>) -> SIMD8<Int32> {
    hr_halves_i32x8(sums, multipliers, oddMultipliers, upperShifts)
  }
}

#endif
