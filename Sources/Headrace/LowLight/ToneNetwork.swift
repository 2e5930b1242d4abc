import CHeadrace

/// A network that tells a tone map from a small picture, in a session of the caller's.
struct ToneNetwork {
  private let session: OpaquePointer?
  private let input: hr_tensor
  private let output: hr_tensor

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    session = handle
    var (reads, writes) = (hr_tensor(), hr_tensor())
    reads.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    writes.struct_size = reads.struct_size
    guard hr_session_input(handle, 0, &reads) == HR_OK,
      hr_session_output(handle, 0, &writes) == HR_OK
    else { throw .invalidArgument("the enhancer's network is no session") }
    guard reads.rank == 4, reads.dims.0 == 1, reads.dims.1 == ToneSummary.rows,
      reads.dims.2 == ToneSummary.columns, reads.dims.3 == ToneSummary.channels,
      Self.count(writes) == 13
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not tell tones of small pictures",
        remedy: "use the tone model of a tier of low-light enhancement")
    }
    (input, output) = (reads, writes)
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
    var (input, output) = (input, output)
    var now = input
    // Another session may have been set up in the same place.
    guard hr_session_input(session, 0, &now) == HR_OK, now.data == input.data,
      now.bytes == input.bytes, hr_session_output(session, 0, &now) == HR_OK,
      now.data == output.data, now.bytes == output.bytes
    else { throw Self.didNotRun }
    var map = ToneMap()
    map.logMean = Elementary.log(mean)
    let status = withUnsafeMutablePointer(to: &map.coefficients) { coefficients in
      let values = UnsafeMutableRawPointer(coefficients).assumingMemoryBound(to: Float.self)
      guard hr_tensor_write_float(&input, small, ToneSummary.inputCount) == HR_OK,
        hr_session_run(session, nil) == HR_OK
      else { return HR_INVALID_ARGUMENT }
      return hr_tensor_read_float(&output, values, 13)
    }
    guard status == HR_OK else { throw Self.didNotRun }
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

  private static var didNotRun: Failure {
    Failure(
      HR_INVALID_ARGUMENT, "the enhancer's network did not run",
      remedy: "leave its session's memory alone, and see what hr_session_run says of it")
  }
}
