import CHeadrace

#if HEADRACE_VNNI

/// Requantizes sixteen lanes, each with its own factor.
struct WideRequant {
  private let multipliers: SIMD16<Int32>
  private let shifts: SIMD16<Int32>
  /// Whether every factor is below 1/2, as it is but for odd layers: requantizing is then cheap.
  private let isSmall: Bool
  private let oddMultipliers: SIMD16<Int32>
  private let evenHalves: SIMD16<Int32>
  private let oddHalves: SIMD16<Int32>
  private let evenShifts: SIMD16<Int32>
  private let oddShifts: SIMD16<Int32>

  @inline(__always)
  init(_ multipliers: SIMD16<Int32>, _ shifts: SIMD16<Int32>) {
    self.multipliers = multipliers
    self.shifts = shifts
    isSmall = hr_all_small_x16(multipliers, shifts)
    oddMultipliers = hr_odd_x16(multipliers)
    evenHalves = hr_even_halves_x16(shifts)
    oddHalves = hr_odd_halves_x16(shifts)
    evenShifts = hr_even_shifts_x16(shifts)
    oddShifts = hr_odd_shifts_x16(shifts)
  }

  @inline(__always)
  func callAsFunction(_ sums: SIMD16<Int32>) -> SIMD16<Int32> {
    isSmall
      ? hr_requantize_small_x16(
        sums, multipliers, oddMultipliers, evenHalves, oddHalves, evenShifts, oddShifts)
      : hr_requantize_x16(sums, multipliers, shifts)
  }
}

#endif
