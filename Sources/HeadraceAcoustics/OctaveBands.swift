import Foundation

/// The octave bands in which walls and air absorb, 125 Hz to 8 kHz, and one that stays empty.
public enum OctaveBands {
  public typealias Values = SIMD8<Float>

  static let count = 7
  static let centres: [Double] = (0..<count).map { 125 * exp2(Double($0)) }

  /// The part of a band in each of `bins` frequencies from 0 to half the rate. Bands cross over with a squared
  /// cosine of the octave, so that they add up to one everywhere; the lowest and the highest go on to the ends.
  static func weights(bins: Int, rate: Double) -> [Values] {
    (0..<bins).map { bin in
      let frequency = Double(bin) * rate / 2 / Double(bins - 1)
      let octave = min(max(log2(max(frequency, 1) / centres[0]), 0), Double(count - 1))
      let lower = min(Int(octave), count - 2)
      let above = pow(sin((octave - Double(lower)) * .pi / 2), 2)
      var values = Values(repeating: 0)
      values[lower] = Float(1 - above)
      values[lower + 1] = Float(above)
      return values
    }
  }

  /// Attenuation of sound in air at 20 degrees Celsius, 50 % relative humidity and one atmosphere, in nepers of
  /// amplitude a metre (ISO 9613-1:1993, equations 3 to 5).
  static let airAttenuation: Values = {
    let (temperature, reference, triple) = (293.15, 293.15, 273.16)
    let saturation = pow(10, -6.8346 * pow(triple / temperature, 1.261) + 4.6151)
    let humidity = 50 * saturation
    let oxygen = 24 + 4.04e4 * humidity * (0.02 + humidity) / (0.391 + humidity)
    let ratio = temperature / reference
    let nitrogen =
      pow(ratio, -0.5) * (9 + 280 * humidity * exp(-4.170 * (pow(ratio, -1.0 / 3) - 1)))
    var values = Values(repeating: 0)
    for (band, f) in centres.enumerated() {
      let relaxation =
        0.01275 * exp(-2239.1 / temperature) / (oxygen + f * f / oxygen)
        + 0.1068 * exp(-3352.0 / temperature) / (nitrogen + f * f / nitrogen)
      values[band] = Float(f * f * (1.84e-11 * sqrt(ratio) + pow(ratio, -2.5) * relaxation))
    }
    return values
  }()
}
