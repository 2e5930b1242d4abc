import CHeadrace

/// A network that removes noise from a tile of a mapped picture, in a session of the caller's.
///
/// Its inputs are the tile with tones mapped, filtered and as it is, its output the finished tile.
struct CleanNetwork {
  private let handle: OpaquePointer
  let width: Int
  let height: Int
  private let output: hr_tensor

  /// Throws `HR_INVALID_ARGUMENT` if the session's model does not fit.
  init(_ handle: OpaquePointer) throws(Failure) {
    guard let output = BorrowedSession.tensor(handle, 0, hr_session_output),
      let first = BorrowedSession.tensor(handle, 0, hr_session_input),
      let second = BorrowedSession.tensor(handle, 1, hr_session_input),
      Self.isPicture(output), Self.isAlike(first, output), Self.isAlike(second, output),
      output.type == HR_INT8 || output.type == HR_INT16 || output.type == HR_FLOAT32,
      BorrowedSession.tensor(handle, 2, hr_session_input) == nil,
      BorrowedSession.tensor(handle, 1, hr_session_output) == nil
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's model does not clean tiles of pictures",
        remedy: "use the clean model of a tier of low-light enhancement")
    }
    guard Self.picture(handle, 0) != nil, Self.picture(handle, 1) != nil else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the clean model's inputs are no pictures",
        remedy: "give its ONNX file the metadata headrace.color, which makes both inputs pictures")
    }
    self.handle = handle
    self.output = output
    (height, width) = (Int(output.dims.1), Int(output.dims.2))
  }

  private static func isPicture(_ tensor: hr_tensor) -> Bool {
    let multiple = UInt32(TileAxis.grid - 1)
    return tensor.rank == 4 && tensor.dims.0 == 1 && tensor.dims.3 == 3
      && tensor.dims.1 & multiple == 0 && tensor.dims.2 & multiple == 0
      && min(tensor.dims.1, tensor.dims.2) >= TileAxis.least
  }

  private static func isAlike(_ tensor: hr_tensor, _ other: hr_tensor) -> Bool {
    tensor.rank == other.rank && tensor.dims.0 == other.dims.0 && tensor.dims.1 == other.dims.1
      && tensor.dims.2 == other.dims.2 && tensor.dims.3 == other.dims.3
  }

  /// How frames fill an input; nil if it is no picture.
  @inline(never)
  private static func picture(
    _ handle: OpaquePointer, _ index: UInt32
  ) -> UnsafePointer<hrm_frame_input>? {
    (try? Session.at(handle))?.pointee.model.frameInput(index)
  }

  /// Where rows of RGB24 become rows of an input, filtered (0) or plain (1).
  func sink(_ index: UInt32, _ kernels: UnsafePointer<hr_kernels>) -> TensorSink? {
    guard let input = Self.picture(handle, index), let session = try? Session.at(handle).pointee
    else { return nil }
    return TensorSink(
      input, of: session.model, session.data(session.model.view.input(Int(index))), kernels)
  }

  /// Throws unless the session is still the one that was set up, or one like it.
  func check() throws(Failure) {
    guard let now = BorrowedSession.tensor(handle, 0, hr_session_output), now.data == output.data,
      now.bytes == output.bytes,
      let first = BorrowedSession.tensor(handle, 0, hr_session_input),
      let second = BorrowedSession.tensor(handle, 1, hr_session_input),
      Self.isAlike(first, output), Self.isAlike(second, output), Self.picture(handle, 0) != nil,
      Self.picture(handle, 1) != nil
    else { throw Self.hasNotRun }
  }

  private static var hasNotRun: Failure {
    Failure(
      HR_INVALID_ARGUMENT, "the enhancer's clean network did not run",
      remedy: "leave its session's memory alone, and see what hr_session_run says of it")
  }

  /// Runs the network on what its inputs hold.
  func run() throws(Failure) {
    guard hr_session_run(handle, nil) == HR_OK else { throw Self.hasNotRun }
  }

  /// Some of the finished tile's values, from 0 to 1, as codes.
  func read(from first: Int, _ count: Int, to codes: UnsafeMutablePointer<UInt8>) {
    let scale = (output.scale == 0 ? 1 : output.scale) * 255
    let zero = output.zero_point
    guard let data = output.data else { return }
    @inline(__always) func write(from done: Int = 0, _ element: (Int) -> Float) {
      var i = done
      while i < count {
        let value = element(first &+ i) * scale
        // What is not a number becomes black.
        codes[i] = UInt8(value > 0 ? min(value + 0.5, 255) : 0)
        i &+= 1
      }
    }
    switch output.type {
    case HR_INT8:
      let values = data.assumingMemoryBound(to: Int8.self)
      write { Float(Int32(values[$0]) &- zero) }
    case HR_INT16:
      let values = data.assumingMemoryBound(to: Int16.self)
      // Its zero point is 0.
      var done = 0
      while done &+ 8 <= count {
        hr_codes_from_i16x8(values + (first &+ done), scale, codes + done)
        done &+= 8
      }
      write(from: done) { Float(values[$0]) }
    default:
      let values = data.assumingMemoryBound(to: Float.self)
      write { values[$0] }
    }
  }
}
