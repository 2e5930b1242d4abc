import CHeadrace

/// A network that tells a tone map from a small picture, in a session of the caller's.
struct ToneNetwork {
  private let session: BorrowedSession
  /// Exponents of local gammas, if it tells them too.
  private let exponents: hr_tensor?

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    guard let session = BorrowedSession(handle) else {
      throw .invalidArgument("the enhancer's network is no session")
    }
    let reads = session.input
    guard reads.rank == 4, reads.dims.0 == 1, reads.dims.1 == ToneSummary.rows,
      reads.dims.2 == ToneSummary.columns, reads.dims.3 == ToneSummary.channels,
      Self.count(session.output) == 13,
      BorrowedSession.tensor(handle, 1, hr_session_input) == nil,
      BorrowedSession.tensor(handle, 2, hr_session_output) == nil
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not tell tones of small pictures",
        remedy: "use the tone model of a tier of low-light enhancement")
    }
    let second = BorrowedSession.tensor(handle, 1, hr_session_output)
    if let second {
      guard second.rank == 4, second.dims.1 == LocalGamma.rows,
        second.dims.2 == LocalGamma.columns, Self.count(second) == LocalGamma.count
      else {
        throw Failure(
          HR_INVALID_ARGUMENT, "the session's model tells more than tones and local gammas",
          remedy: "use the tone model of a tier of low-light enhancement")
      }
    }
    self.session = session
    exponents = second
  }

  var tellsLocalGammas: Bool { exponents != nil }

  private static func count(_ tensor: hr_tensor) -> Int {
    withUnsafeBytes(of: tensor.dims) { dims in
      var count = 1
      for axis in 0..<Int(tensor.rank) {
        count = count &* Int(dims.load(fromByteOffset: 4 &* axis, as: UInt32.self))
      }
      return count
    }
  }

  /// Runs the network on what `ToneSummary` writes. Exponents of local gammas, if there are, take its place.
  func run(_ small: UnsafeMutablePointer<Float>, mean: Float) throws(Failure) -> ToneMap {
    var map = ToneMap()
    map.logMean = Elementary.log(mean)
    let hasRun = withUnsafeMutablePointer(to: &map.coefficients) {
      session.run(
        small, ToneSummary.inputCount,
        to: UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self), 13)
    }
    guard hasRun, readExponents(to: small) else {
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

  private func readExponents(to values: UnsafeMutablePointer<Float>) -> Bool {
    guard let exponents else { return true }
    // Another session may have been set up in the same place meanwhile.
    guard var now = BorrowedSession.tensor(session.handle, 1, hr_session_output),
      now.data == exponents.data, now.bytes == exponents.bytes
    else { return false }
    return hr_tensor_read_float(&now, values, LocalGamma.count) == HR_OK
  }
}
