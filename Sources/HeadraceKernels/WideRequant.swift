import CHeadrace

#if HEADRACE_VNNI

/// Requantizes sixteen lanes, each with its own factor, to twice the result and the bit that rounds.
struct WideRequant {
  private let multipliers: SIMD16<Int32>
  private let shifts: SIMD16<Int32>
  /// Whether every factor is below 1/4, as it is but for odd layers: requantizing is then cheap.
  let isSmall: Bool
  private let oddMultipliers: SIMD16<Int32>
  private let upperShifts: SIMD16<Int32>

  @inline(__always)
  init(_ multipliers: SIMD16<Int32>, _ shifts: SIMD16<Int32>) {
    self.multipliers = multipliers
    self.shifts = shifts
    isSmall = hr_all_small_x16(multipliers, shifts)
    oddMultipliers = hr_odd_x16(multipliers)
    upperShifts = hr_upper_shifts_x16(shifts)
  }

  @inline(__always)
  func callAsFunction(_ sums: SIMD16<Int32>) -> SIMD16<Int32> {
    isSmall ? small(sums) : hr_halves_x16(sums, multipliers, shifts)
  }

  /// The same, where `isSmall`.
  @inline(__always)
  func small(_ sums: SIMD16<Int32>) -> SIMD16<Int32> {
    hr_halves_small_x16(sums, multipliers, oddMultipliers, upperShifts)
  }
}

#endif
