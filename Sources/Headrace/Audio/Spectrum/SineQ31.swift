/// sin and cos of `turn` / 2^32 of a full turn, in Q31, in integers alone: every CPU has the same tables.
/// Rounded to nearest; 1 becomes 2^31 - 1.
///
/// Taylor series on an eighth of a turn, in Q61, up to the fifteenth power.
enum SineQ31 {
  /// Turns of any number as what `sine` takes: their fraction of 2^32.
  static func turn(_ turns: Double) -> UInt32 {
    UInt32(truncatingIfNeeded: Int64(turns * 0x1p32))
  }

  @inline(never)
  static func sine(_ turn: UInt32) -> Int32 {
    let quarter = turn &>> 30
    let position = Int64(turn & 0x3fff_ffff)
    // Quarters of a turn, in Q30.
    let x = quarter & 1 == 0 ? position : (1 &<< 30) &- position
    let half: Int64 = 1 &<< 29
    let series = x <= half ? sineSeries(x &<< 32) : cosineSeries(((1 &<< 30) &- x) &<< 32)
    let value = (series &+ 1 &<< 29) &>> 30
    let clamped = Int32(truncatingIfNeeded: min(value, Int64(Int32.max)))
    return quarter & 2 == 0 ? clamped : 0 &- clamped
  }

  static func cosine(_ turn: UInt32) -> Int32 { sine(turn &+ 1 &<< 30) }

  /// sin(pi/2 x) for x in Q62. Coefficients are (pi/2)^k / k! in Q61, k odd.
  private static func sineSeries(_ x: Int64) -> Int64 {
    let y = product(x, x)
    var sum: Int64 = -1_542_155_900
    sum = 131_252_571_394 &+ product(sum, y)
    sum = -8_298_367_515_170 &+ product(sum, y)
    sum = 369_952_184_331_896 &+ product(sum, y)
    sum = -10_795_390_043_781_899 &+ product(sum, y)
    sum = 183_758_685_115_604_026 &+ product(sum, y)
    sum = -1_489_491_798_437_810_879 &+ product(sum, y)
    sum = 3_622_009_729_038_561_421 &+ product(sum, y)
    return product(sum, x)
  }

  /// cos(pi/2 x). Coefficients with k even.
  private static func cosineSeries(_ x: Int64) -> Int64 {
    let y = product(x, x)
    var sum: Int64 = -14_726_504_073
    sum = 1_086_253_767_602 &+ product(sum, y)
    sum = -58_111_953_223_829 &+ product(sum, y)
    sum = 2_119_669_878_386_351 &+ product(sum, y)
    sum = -48_107_911_266_041_808 &+ product(sum, y)
    sum = 584_922_061_444_309_466 &+ product(sum, y)
    sum = -2_844_719_788_994_575_541 &+ product(sum, y)
    return 2_305_843_009_213_693_952 &+ product(sum, y)
  }

  /// a b / 2^62, rounded down to a multiple of four.
  private static func product(_ a: Int64, _ b: Int64) -> Int64 {
    a.multipliedFullWidth(by: b).high &<< 2
  }
}
