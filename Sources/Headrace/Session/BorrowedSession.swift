import CHeadrace

/// A session of the caller's that something else in the library runs: its first input and its first output.
///
/// By the library's own interface: a second caller inside would make programs that run sessions alone larger.
struct BorrowedSession {
  let handle: OpaquePointer?
  let input: hr_tensor
  let output: hr_tensor
  private let outputIndex: UInt32
  /// Operators that a run takes: all, or those up to the one that makes the output.
  private let operatorCount: Int

  /// nil if the handle is no session's, or has no such output. What its model makes behind that is not run where
  /// the output is wanted `alone`.
  init?(_ handle: OpaquePointer?, output index: UInt32 = 0, alone: Bool = false) {
    guard let input = Self.tensor(handle, 0, hr_session_input),
      let output = Self.tensor(handle, index, hr_session_output)
    else { return nil }
    (self.handle, self.input, self.output, outputIndex) = (handle, input, output, index)
    operatorCount = alone ? Self.operatorCount(handle, output: index) : .max
  }

  private static func operatorCount(_ handle: OpaquePointer?, output index: UInt32) -> Int {
    do throws(Failure) {
      let model = try Session.at(handle).pointee.model
      let output = try model.output(index)
      var count = model.view.operatorCount
      while count > 0, model.view[operator: count &- 1].output() != output { count &-= 1 }
      return count
    } catch {
      return 0
    }
  }

  /// What its model says under a key.
  func text(_ key: StaticString) -> Text? {
    do throws(Failure) {
      return try Session.at(handle).pointee.model.text(key)
    } catch {
      return nil
    }
  }

  /// Whether its model computes in fixed point alone.
  var isFixed: Bool {
    do throws(Failure) {
      let model = try Session.at(handle).pointee.model
      return model.view.header.pointee.flags & UInt32(HRM_USES_FLOAT) == 0
    } catch {
      return false
    }
  }

  var hasOneInput: Bool { Self.tensor(handle, 1, hr_session_input) == nil }

  /// Whether there is no second input and no second output.
  var hasOneOfEach: Bool {
    hasOneInput && Self.tensor(handle, 1, hr_session_output) == nil
  }

  /// Runs the session. False where it does not run, or another was set up in the same place meanwhile.
  func run(
    _ values: UnsafePointer<Float>, _ count: Int, to results: UnsafeMutablePointer<Float>,
    _ resultCount: Int
  ) -> Bool {
    guard var reads = Self.tensor(handle, 0, hr_session_input), reads.data == input.data,
      reads.bytes == input.bytes,
      var writes = Self.tensor(handle, outputIndex, hr_session_output), writes.data == output.data,
      writes.bytes == output.bytes
    else { return false }
    return hr_tensor_write_float(&reads, values, count) == HR_OK && runToOutput()
      && hr_tensor_read_float(&writes, results, resultCount) == HR_OK
  }

  /// The same; false too where a result is no number, which sums over time would keep for ever.
  func runToNumbers(
    _ values: UnsafePointer<Float>, _ count: Int, to results: UnsafeMutablePointer<Float>,
    _ resultCount: Int
  ) -> Bool {
    guard run(values, count, to: results, resultCount) else { return false }
    for index in 0..<resultCount where !results[index].isFinite { return false }
    return true
  }

  private func runToOutput() -> Bool {
    do throws(Failure) {
      let session = try Session.at(handle)
      session.pointee.operatorLimit = operatorCount
      defer { session.pointee.operatorLimit = .max }
      return hr_session_run(handle, nil) == HR_OK
    } catch {
      return false
    }
  }

  static func tensor(
    _ handle: OpaquePointer?, _ index: UInt32,
    _ find: (OpaquePointer?, UInt32, UnsafeMutablePointer<hr_tensor>?) -> hr_status
  ) -> hr_tensor? {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    return find(handle, index, &tensor) == HR_OK ? tensor : nil
  }
}
