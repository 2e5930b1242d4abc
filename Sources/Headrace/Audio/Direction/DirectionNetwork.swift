import CHeadrace

/// A network that tells from evidence how likely each direction is, in a session of the caller's.
struct DirectionNetwork {
  private let session: BorrowedSession
  /// Of the input: directions, and on both sides some that go on around.
  let width: Int
  let bands: Int
  let directions: Int

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?, isFixed: Bool) throws(Failure) {
    guard let session = BorrowedSession(handle) else {
      throw .invalidArgument("the locator's network is no session")
    }
    guard session.hasOneOfEach,
      session.input.isOfNumbers, session.output.isOfNumbers,
      let (width, channels) = session.input.lastAxes,
      let (directions, one) = session.output.lastAxes,
      one == 1, channels % EvidenceKind.count == 0, channels <= 128,
      (24...360).contains(directions),
      width >= directions, width <= 3 &* directions, (width &- directions) % 2 == 0
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not read maps of directions",
        remedy: "use the model that is made for the locator")
    }
    guard !isFixed || session.isFixed else { throw .floatingPointNetwork }
    self.width = width
    self.bands = channels / EvidenceKind.count
    self.directions = directions
    self.session = session
  }

  /// Numbers that the network reads.
  var inputCount: Int { width * EvidenceKind.count * bands }

  /// Runs the network on maps; its answers become probabilities that add up to 1, one for each direction.
  func run(
    _ maps: UnsafePointer<Float>, to probabilities: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    guard session.runToNumbers(maps, inputCount, to: probabilities, directions) else {
      throw .networkFailed
    }
    softmax(probabilities, directions)
  }
}

extension Failure {
  static var floatingPointNetwork: Failure {
    Failure(
      HR_INVALID_ARGUMENT, "a network in floating point is not for fixed arithmetic",
      remedy: "compile it with --type int16x8")
  }

  static var networkFailed: Failure {
    Failure(
      HR_INVALID_ARGUMENT, "the locator's network did not run, or says what is no number",
      remedy: "leave its session's memory alone, and see what hr_session_run says of it")
  }
}
