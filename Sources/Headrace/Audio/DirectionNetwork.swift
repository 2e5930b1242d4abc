import CHeadrace

/// A network that tells from evidence how likely each direction is, in a session of the caller's.
struct DirectionNetwork {
  private let session: UnsafeMutablePointer<Session>
  private let input: UnsafeMutablePointer<Float>
  private let output: UnsafeMutablePointer<Float>
  /// Of the input: directions, and on both sides some that go on around.
  let width: Int
  let bands: Int
  let directions: Int

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer?) throws(Failure) {
    session = try Session.at(handle)
    let model = session.pointee.model
    let (reads, writes) = (try model.input(0), try model.output(0))
    let shapes = (
      hr_tensor(reads, model.view, data: session.pointee.data(reads)),
      hr_tensor(writes, model.view, data: session.pointee.data(writes))
    )
    guard model.view.header.pointee.input_count == 1, model.view.header.pointee.output_count == 1,
      shapes.0.type == HR_FLOAT32, shapes.1.type == HR_FLOAT32,
      let read = shapes.0.data, let write = shapes.1.data,
      let (width, channels) = Self.line(shapes.0), let (directions, one) = Self.line(shapes.1),
      one == 1, channels % 2 == 0, channels <= 128, (24...360).contains(directions),
      width >= directions, width <= 3 &* directions, (width &- directions) % 2 == 0
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not read maps of directions",
        remedy: "use the model that is made for the locator, with float32 inputs and outputs")
    }
    self.width = width
    self.bands = channels / 2
    self.directions = directions
    input = read.assumingMemoryBound(to: Float.self)
    output = write.assumingMemoryBound(to: Float.self)
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

  /// Runs the network; its answers become probabilities that add up to 1.
  func run(_ evidence: DirectionEvidence) throws(Failure) -> UnsafePointer<Float> {
    evidence.write(to: input, width: width)
    try Session.run(session)
    var greatest = -Float.infinity
    for index in 0..<directions { greatest = max(greatest, output[index]) }
    var sum: Float = 0
    for index in 0..<directions {
      output[index] = expf(output[index] - greatest)
      sum += output[index]
    }
    for index in 0..<directions { output[index] /= sum }
    return UnsafePointer(output)
  }
}
