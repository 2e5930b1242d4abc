/// What a tone network says of a picture: how its pixels become brighter.
///
/// A pixel's channels, filtered, are raised to the power `gamma` after division by the square of the picture's
/// mean root, and go through a matrix and an offset.
struct ToneMap: BitwiseCopyable {
  /// A matrix by rows, an offset, and gamma: what the network puts out.
  var coefficients = InlineArray<13, Float>(repeating: 0)
  /// The natural logarithm of the mean root.
  var logMean: Float = 0

  static var gammas: ClosedRange<Float> { 0.2...0.8 }
  var gamma: Float { min(max(coefficients[12], Self.gammas.lowerBound), Self.gammas.upperBound) }

  /// Nearer to another one by a share.
  mutating func approach(_ other: ToneMap, by share: Float) {
    for index in 0..<13 {
      coefficients[index] += share * (other.coefficients[index] - coefficients[index])
    }
    logMean += share * (other.logMean - logMean)
  }

  /// How much of the change is made: all in the dark, nothing where it is light, and less and less in between.
  var strength: Float {
    let (dark, light): (Float, Float) = (-1.02165, -0.82098)  // of 0.36 and 0.44
    return min(max((light - logMean) / (light - dark), 0), 1)
  }
}
