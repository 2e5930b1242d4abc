/// How much what a bin hears counts: direct sound comes before its reflections, so that a rise tells where a source is,
/// and what is no louder than the tail of what was heard before tells little (the precedence effect: Wallach, Newman
/// and Rosenzweig, American Journal of Psychology 62(3), 1949).
struct OnsetWeights {
  /// Of each bin: how much reverberation there may be, and the sum of powers lately.
  private let tails: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Float>
  /// How many frames those are the sums of.
  private var frames: Float = 0
  private let tailFade: Float
  private let sumFade: Float

  /// Seconds in which a tail falls to 1/e of its power, as where reverberation takes 0.7 s to fall by 60 dB.
  private static var tailTime: Float { 0.05 }
  private static var sumTime: Float { 0.25 }
  /// Of amplitudes: how much louder than usual counts in full.
  private static var most: Float { 2 }

  static func byteCount(bins: Int) -> Int { 8 * bins }

  /// - Parameter hop: seconds from frame to frame.
  init(bins: Int, hop: Float, in memory: UnsafeMutableRawPointer) {
    tails = memory.assumingMemoryBound(to: Float.self)
    sums = tails + bins
    tailFade = Elementary.exp(-hop / Self.tailTime)
    sumFade = Elementary.exp(-hop / Self.sumTime)
  }

  /// Begins a frame.
  mutating func advance() { frames = frames * sumFade + 1 }

  /// All 0 ... 1.
  struct Weights: Equatable {
    /// Of amplitude: how loud it is for that bin.
    var loudness: Float = 0
    /// How far it is an onset, too.
    var onset: Float = 0
    /// Of power: what the votes of a beam weigh, which are as many of noise as of a talker.
    var steady: Float { loudness * loudness }
  }

  /// Takes in a bin's power.
  func weigh(_ power: Float, bin: Int) -> Weights {
    let tail = tails[bin]
    tails[bin] = max(tail, power) * tailFade
    sums[bin] = sums[bin] * sumFade + power
    guard power > 0 else { return Weights() }
    let loudness = min((power * frames / sums[bin]).squareRoot() / Self.most, 1)
    let direct = power / (power + tail)
    return Weights(loudness: loudness, onset: loudness * direct * direct)
  }
}
