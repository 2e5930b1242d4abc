/// Predicts the elements of one channel of a latent from their neighbours, and learns which way of
/// predicting serves that channel. Encoder and decoder see the same past, so nothing is sent.
struct ChannelPredictor: BitwiseCopyable {
  /// Neighbours in the same channel: left, up, up-left, up-right.
  struct Neighbours {
    var left: Int32
    var up: Int32
    var upLeft: Int32
    var upRight: Int32

    var gradient: Int32 {
      let horizontal = (up &- upLeft).magnitude &+ (upRight &- up).magnitude
      return Int32(truncatingIfNeeded: (left &- upLeft).magnitude &+ horizontal)
    }
  }

  private static let candidateCount = 7
  private typealias Candidates = InlineArray<7, Int32>

  /// Recent absolute errors of each candidate: 16 times their sum, a 32nd forgotten each time.
  private var errors = Candidates(repeating: 0)
  /// 16 times the running mean of the elements.
  private var mean: Int32 = 0
  /// 16 times the running mean magnitude of the residuals.
  private var spread: Int32 = 128

  /// How far residuals of this channel usually reach, for the choice of a context.
  var typicalResidual: Int32 { spread &>> 3 }

  private func candidates(_ near: Neighbours) -> Candidates {
    let low = min(near.left, near.up)
    let high = max(near.left, near.up)
    // The median edge detector of JPEG-LS (ITU-T T.87).
    let median =
      near.upLeft >= high ? low : near.upLeft <= low ? high : low &+ high &- near.upLeft
    return [
      0, near.left, near.up, (near.left &+ near.up) &>> 1, median, (mean &+ 8) &>> 4,
      (near.left &+ near.up &+ near.upLeft &+ near.upRight &+ 2) &>> 2,
    ]
  }

  /// 16 times the mean of the candidates whose recent errors are within a quarter of the best one's.
  func prediction(_ near: Neighbours) -> Int32 {
    let candidates = candidates(near)
    var best = errors[0]
    for index in 1..<Self.candidateCount { best = min(best, errors[index]) }
    let limit = best &+ best &>> 2
    // Each term is made positive, so that the division rounds down.
    let bias: Int32 = 1 << 22
    var sum: Int32 = 0
    var count: Int32 = 0
    for index in 0..<Self.candidateCount where errors[index] <= limit {
      sum &+= candidates[index] &* 16 &+ bias
      count &+= 1
    }
    return sum / max(1, count) &- bias
  }

  /// Takes note of what stood there.
  mutating func learn(_ element: Int32, residual: Int32, _ near: Neighbours) {
    let candidates = candidates(near)
    for index in 0..<Self.candidateCount {
      let error = Int32(truncatingIfNeeded: (element &- candidates[index]).magnitude)
      errors[index] &+= error &* 16 &- errors[index] &>> 5
    }
    mean &+= element &- (mean &+ 8) &>> 4
    spread &+= Int32(truncatingIfNeeded: residual.magnitude) &- (spread &+ 8) &>> 4
  }
}
