/// How likely a talker is at each whole degree around, as a network and votes say together: the product of what both
/// say.
struct AzimuthDistribution {
  static var count: Int { 360 }

  /// Logarithms, and from `normalize` on probabilities.
  let values: UnsafeMutablePointer<Float>

  /// Where nothing is known.
  init(in memory: UnsafeMutablePointer<Float>) {
    values = memory
    for index in 0..<Self.count { values[index] = 0 }
  }

  /// Takes in logarithms of how likely `count` directions around are, and of those between them by a line.
  func add(_ logarithms: UnsafePointer<Float>, _ count: Int, share: Float) {
    for degree in 0..<Self.count {
      let (lower, rest) = (degree &* count).quotientAndRemainder(dividingBy: Self.count)
      let upper = lower &+ 1 == count ? 0 : lower &+ 1
      let part = Float(rest) / Float(Self.count)
      values[degree] += share * (logarithms[lower] + part * (logarithms[upper] - logarithms[lower]))
    }
  }

  /// Takes in votes for `count` directions around, of a total weight: how far each direction is above their mean. The
  /// best one counts `share`, and less if few agree. Returns how many do, 0 ... 1: none where no direction scores
  /// `least`.
  @inline(never)
  func add(
    votes scores: UnsafePointer<Float>, _ count: Int, total: Float, share: Float, least: Float
  ) -> Float {
    guard total > 0 else { return 0 }
    var (most, mean) = (Float(0), Float(0))
    for index in 0..<count {
      most = max(most, scores[index])
      mean += scores[index] / Float(count)
    }
    add(scores, count, share: share / max(most - mean, Self.leastAgreement * total))
    return most > least ? (most - mean) / total : 0
  }

  /// How far votes agree, of what they could, where one talker is heard in noise.
  private static var leastAgreement: Float { 0.05 }

  func normalize() { softmax(values, Self.count) }

  /// The azimuth with the least expected distance from talkers within `reach` degrees of a place: what the mean
  /// error asks for. In degrees and the fraction of one, from -1/2 to 1/2.
  func median(around center: Int, reach: Int) -> (degree: Int, fraction: Float) {
    func value(_ degree: Int) -> Float {
      let place = (degree &+ Self.count) % Self.count
      return Self.distance(place, center) <= reach ? values[place] : 0
    }
    var (total, expected, half) = (Float(0), Float(0), Float(0))
    for degree in 0..<Self.count {
      total += value(degree)
      expected += value(degree) * Float(Self.distance(degree, 0))
      // From the opposite side up to here: what a step away from it gets farther away from.
      if degree == 0 || degree > Self.count / 2 { half += value(degree) }
    }
    var (best, least, fraction) = (center, Float.infinity, Float(0))
    var before = 2 * (half - value(0) + value(Self.count / 2)) - total
    for degree in 0..<Self.count {
      let slope = 2 * half - total
      if expected < least {
        let curvature = slope - before
        let part = curvature > 0 ? -before / curvature - 0.5 : 0
        (best, least, fraction) = (degree, expected, min(max(part, -0.5), 0.5))
      }
      expected += slope
      before = slope
      half += value(degree &+ 1) - value(degree &+ 1 &+ Self.count / 2)
    }
    return (best, fraction)
  }

  /// Degrees from one place to another, the shorter way.
  private static func distance(_ one: Int, _ other: Int) -> Int {
    let around = abs(one &- other)
    return min(around, count &- around)
  }
}

/// Adds logarithms of probabilities to sums of them that keep a share of what they are. None is so small that a moment
/// in which a direction seemed impossible would rule it out.
@inline(never)
func addLogarithms(
  _ probabilities: UnsafePointer<Float>, _ count: Int, share: Float,
  to sums: UnsafeMutablePointer<Float>, keeping kept: Float
) {
  let least: Float = 0.003
  for index in 0..<count {
    sums[index] = sums[index] * kept + share * Elementary.log(probabilities[index] + least)
  }
}

/// Makes logits, or logarithms up to a constant, probabilities that add up to 1.
@inline(never)
func softmax(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  var (greatest, sum) = (-Float.infinity, Float(0))
  for index in 0..<count { greatest = max(greatest, values[index]) }
  for index in 0..<count {
    values[index] = Elementary.exp(values[index] - greatest)
    sum += values[index]
  }
  for index in 0..<count { values[index] /= sum }
}
