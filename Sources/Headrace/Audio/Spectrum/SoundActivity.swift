/// How loud it is, how loud it is when nobody speaks, and whether somebody does.
///
/// The noise floor follows the minimum of the smoothed power over some seconds (Martin, IEEE TSAP 9(5), 2001):
/// speech pauses more often than noise does.
struct SoundActivity {
  /// Mean squares of samples of full scale 1.
  private var power: Float = 0
  private var minima = InlineArray<8, Float>(repeating: .infinity)
  private var current = 0
  private var elapsed: Float = 0
  private var hasBegun = false

  /// Seconds over which power is averaged, and of each of the parts of which the minimum is taken.
  private static var smoothing: Float { 0.1 }
  private static var part: Float { 0.25 }
  /// The minimum of what varies lies below its mean.
  private static var bias: Float { 1.5 }
  /// By how much the level has to be above the floor: 4 dB.
  private static var leastRatio: Float { 2.5 }
  /// -120 dB: less is silence.
  static var leastPower: Float { 1e-12 }

  mutating func add(power newest: Float, seconds: Float) {
    let share = hasBegun ? min(seconds / Self.smoothing, 1) : 1
    hasBegun = true
    power += share * (newest - power)
    elapsed += seconds
    if elapsed >= Self.part {
      elapsed = 0
      current = (current + 1) % 8
      minima[current] = .infinity
    }
    minima[current] = min(minima[current], power)
  }

  private var floor: Float {
    var least = Float.infinity
    for index in 0..<8 { least = min(least, minima[index]) }
    return least.isFinite ? least * Self.bias : 0
  }

  /// Decibels of full scale.
  var level: Float { Self.decibels(power) }
  var noise: Float { Self.decibels(floor) }
  var isActive: Bool { power > max(floor * Self.leastRatio, Self.leastPower) }

  private static func decibels(_ power: Float) -> Float {
    10 / 2.302_585_093 * Elementary.log(max(power, leastPower))
  }
}
