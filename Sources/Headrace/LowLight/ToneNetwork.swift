import CHeadrace

/// A network that tells a tone map from a small picture, in a session of the caller's.
struct ToneNetwork {
  private let session: BorrowedSession

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    guard let session = BorrowedSession(handle) else {
      throw .invalidArgument("the enhancer's network is no session")
    }
    let reads = session.input
    guard reads.rank == 4, reads.dims.0 == 1, reads.dims.1 == ToneSummary.rows,
      reads.dims.2 == ToneSummary.columns, reads.dims.3 == ToneSummary.channels,
      Self.count(session.output) == 13
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not tell tones of small pictures",
        remedy: "use the tone model of a tier of low-light enhancement")
    }
    self.session = session
  }

  private static func count(_ tensor: hr_tensor) -> Int {
    withUnsafeBytes(of: tensor.dims) { dims in
      var count = 1
      for axis in 0..<Int(tensor.rank) {
        count = count &* Int(dims.load(fromByteOffset: 4 &* axis, as: UInt32.self))
      }
      return count
    }
  }

  /// Runs the network on what `ToneSummary` writes.
  func run(_ small: UnsafePointer<Float>, mean: Float) throws(Failure) -> ToneMap {
    var map = ToneMap()
    map.logMean = Elementary.log(mean)
    let hasRun = withUnsafeMutablePointer(to: &map.coefficients) {
      session.run(
        small, ToneSummary.inputCount,
        to: UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self), 13)
    }
    guard hasRun else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the enhancer's network did not run",
        remedy: "leave its session's memory alone, and see what hr_session_run says of it")
    }
    for index in 0..<13 {
      guard map.coefficients[index].isFinite else {
        throw Failure(
          HR_INVALID_ARGUMENT, "the enhancer's network says what is no number",
          remedy: "use a model that was trained for it")
      }
      // Far beyond what makes a picture of one, and what sums hold.
      map.coefficients[index] = min(max(map.coefficients[index], -1000), 1000)
    }
    return map
  }
}
