import CHeadrace

/// A tone map in fixed point.
///
/// Powers are a table, by the sum of a 3x3 filter's sixteen codes, in Q12; matrix and offset have as many digits
/// as leave sums within 31.
struct ToneTable {
  /// The largest sum of sixteen codes, and how many entries that takes.
  static var largest: Int { 4080 }
  static var count: Int { largest + 1 }
  /// The largest power, so that three products add up to less than 2^31.
  private static var most: Float { 4 }

  /// [count]
  let powers: UnsafeMutablePointer<UInt16>
  /// [count]: logarithms of i / 4080, which do not change.
  private let logarithms: UnsafeMutablePointer<Float>
  private(set) var tones = hr_tones()

  /// Of 256: how much of the result is told, and the rest of the picture as it was.
  var strength: Int32 { tones.strength }

  static var byteCount: Int { 4 * count + 2 * count + 6 }

  init(_ memory: UnsafeMutableRawPointer) {
    logarithms = memory.assumingMemoryBound(to: Float.self)
    powers = UnsafeMutableRawPointer(logarithms + Self.count).assumingMemoryBound(to: UInt16.self)
    for index in 0..<Self.count {
      logarithms[index] = Elementary.log(Float(index) / Float(Self.largest))
    }
  }

  mutating func set(_ map: ToneMap) {
    tones.strength = Int32((map.strength * 256).rounded())
    guard strength > 0 else { return }
    let gamma = map.gamma
    powers[0] = 0
    for index in 1..<Self.count {
      let power = Elementary.exp(gamma * (logarithms[index] - 2 * map.logMean))
      powers[index] = UInt16((min(power, Self.most) * 4096).rounded())
    }
    var greatest: Float = 0
    for index in 0..<9 { greatest = max(greatest, map.coefficients[index].magnitude) }
    // 32,767 x 16,384 x 3 < 2^31.
    var digits: Int32 = 7
    while digits > -12, greatest * 255 * Self.power(digits) > 32_767 { digits -= 1 }
    let shift = 12 + digits
    tones.shift = shift
    let half: Int32 = shift > 0 ? 1 &<< (shift - 1) : 0
    withUnsafeMutableBytes(of: &tones.columns) { columns in
      for row in 0..<3 {
        for column in 0..<3 {
          let value = map.coefficients[3 * row + column] * 255 * Self.power(digits)
          columns.storeBytes(
            of: Self.rounded(value, 32_767), toByteOffset: 16 * column + 4 * row, as: Int32.self)
        }
      }
    }
    withUnsafeMutableBytes(of: &tones.offset) { offset in
      for row in 0..<3 {
        let value = map.coefficients[9 + row] * 255 * Self.power(shift)
        offset.storeBytes(
          of: Self.rounded(value, 0x1p28) &+ half, toByteOffset: 4 * row, as: Int32.self)
      }
    }
  }

  private static func power(_ digits: Int32) -> Float {
    Float(sign: .plus, exponent: Int(digits), significand: 1)
  }

  /// What is not a number becomes zero.
  private static func rounded(_ value: Float, _ most: Float) -> Int32 {
    value == value ? Int32(min(max(value.rounded(), -most), most)) : 0
  }
}
