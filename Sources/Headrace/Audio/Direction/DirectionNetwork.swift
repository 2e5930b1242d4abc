import CHeadrace

/// A network that tells from evidence how likely each direction is, in a session of the caller's.
struct DirectionNetwork {
  private let session: OpaquePointer?
  private let input: hr_tensor
  private let output: hr_tensor
  /// Of the input: directions, and on both sides some that go on around.
  let width: Int
  let bands: Int
  let directions: Int

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    session = handle
    // By the library's own interface: a second caller inside would make programs without a locator larger.
    var (reads, writes, none) = (hr_tensor.empty, hr_tensor.empty, hr_tensor.empty)
    guard hr_session_input(handle, 0, &reads) == HR_OK,
      hr_session_output(handle, 0, &writes) == HR_OK
    else { throw .invalidArgument("the locator's network is no session") }
    guard hr_session_input(handle, 1, &none) != HR_OK, hr_session_output(handle, 1, &none) != HR_OK,
      Self.isNumber(reads.type), Self.isNumber(writes.type),
      let (width, channels) = Self.line(reads), let (directions, one) = Self.line(writes),
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
    (input, output) = (reads, writes)
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
    var (input, output) = (input, output)
    var now = hr_tensor.empty
    // Another session may have been set up in the same place.
    guard hr_session_input(session, 0, &now) == HR_OK, now.data == input.data,
      now.bytes == input.bytes, hr_session_output(session, 0, &now) == HR_OK,
      now.data == output.data, now.bytes == output.bytes,
      hr_tensor_write_float(&input, maps, inputCount) == HR_OK,
      hr_session_run(session, nil) == HR_OK,
      hr_tensor_read_float(&output, probabilities, directions) == HR_OK
    else {
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

extension hr_tensor {
  fileprivate static var empty: hr_tensor {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    return tensor
  }
}
