import CHeadrace

/// A network that tells from evidence how likely each direction is, in a session of the caller's.
struct DirectionNetwork {
  private let session: BorrowedSession
  /// Of the input: directions, and on both sides some that go on around.
  let width: Int
  let bands: Int
  let directions: Int

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    guard let session = BorrowedSession(handle) else {
      throw .invalidArgument("the locator's network is no session")
    }
    guard session.hasOneOfEach,
      Self.isNumber(session.input.type), Self.isNumber(session.output.type),
      let (width, channels) = Self.line(session.input),
      let (directions, one) = Self.line(session.output),
      one == 1, channels % 2 == 0, channels <= 128, (24...360).contains(directions),
      width >= directions, width <= 3 &* directions, (width &- directions) % 2 == 0
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not read maps of directions",
        remedy: "use the model that is made for the locator")
    }
    self.width = width
    self.bands = channels / 2
    self.directions = directions
    self.session = session
  }

  private static func isNumber(_ type: hr_type) -> Bool {
    type == HR_FLOAT32 || type == HR_INT8 || type == HR_INT16
  }

  /// Length and channels of a tensor [1, 1, length, channels].
  private static func line(_ tensor: hr_tensor) -> (Int, Int)? {
    guard tensor.rank >= 2 else { return nil }
    return withUnsafeBytes(of: tensor.dims) { raw in
      func size(_ axis: Int) -> Int { Int(raw.load(fromByteOffset: 4 * axis, as: UInt32.self)) }
      let rank = Int(tensor.rank)
      for axis in 0..<rank - 2 where size(axis) != 1 { return nil }
      return (size(rank - 2), size(rank - 1))
    }
  }

  /// Numbers that the network reads.
  var inputCount: Int { width * 2 * bands }

  /// Runs the network on maps; its answers become probabilities that add up to 1, one for each direction.
  func run(
    _ maps: UnsafePointer<Float>, to probabilities: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    guard session.run(maps, inputCount, to: probabilities, directions) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's network did not run",
        remedy: "leave its session's memory alone, and see what hr_session_run says of it")
    }
    var greatest = -Float.infinity
    for index in 0..<directions { greatest = max(greatest, probabilities[index]) }
    var sum: Float = 0
    for index in 0..<directions {
      probabilities[index] = Elementary.exp(probabilities[index] - greatest)
      sum += probabilities[index]
    }
    for index in 0..<directions { probabilities[index] /= sum }
  }
}
