import CHeadrace

/// Runs a call's body; a failure goes into `error`, if there is one, and its status is returned.
func report(
  to error: UnsafeMutablePointer<hr_error>?, _ body: () throws(Failure) -> Void
) -> hr_status {
  do throws(Failure) {
    try body()
    return HR_OK
  } catch let failure {
    if let error { failure.write(to: error) }
    return failure.status
  }
}

extension Failure {
  /// Fills a caller's hr_error, unless its struct_size says that it is not one.
  func write(to error: UnsafeMutablePointer<hr_error>) {
    guard Int(clamping: error.pointee.struct_size) >= MemoryLayout<hr_error>.size else { return }
    error.pointee.status = status
    error.pointee.operator_index = operatorIndex
    error.pointee.tensor_index = tensorIndex
    error.pointee.byte_offset = byteOffset
    error.pointee.needed = needed
    error.pointee.available = available
    withUnsafeMutableBytes(of: &error.pointee.message) { buffer in
      var line = MessageLine(buffer)
      write(to: &line)
    }
  }

  /// "cause at operator 3, tensor 5: needs 64 bytes, has 32; remedy"
  private func write(to line: inout MessageLine) {
    line.append(from: message)
    if operatorIndex != HRM_NONE {
      line.append(" (operator ")
      line.append(UInt64(operatorIndex))
      line.append(tensorIndex != HRM_NONE ? ", " : ")")
    }
    if tensorIndex != HRM_NONE {
      line.append(operatorIndex != HRM_NONE ? "tensor " : " (tensor ")
      line.append(UInt64(tensorIndex))
      line.append(")")
    }
    if byteOffset != 0 {
      line.append(" at byte ")
      line.append(byteOffset)
    }
    if needed != 0 || available != 0 {
      line.append(": needs ")
      line.append(needed)
      line.append(" ")
      line.append(unit)
      line.append(", has ")
      line.append(available)
    }
    let remedy = remedy.pointee != 0 ? self.remedy : Failure.remedy(status).utf8Start
    guard remedy.pointee != 0 else { return }
    line.append("; ")
    line.append(from: remedy)
  }

  /// What helps in general, where a failure does not say what helps in particular.
  private static func remedy(_ status: hr_status) -> StaticString {
    switch status {
    case HR_BAD_MODEL: "compile the model again with headrace compile"
    case HR_UNSUPPORTED_OPERATOR: "update the library, or compile the model for this version"
    case HR_BAD_FRAME: "check the frame's size, format, strides and plane_bytes"
    case HR_BAD_PAYLOAD: "send it again, and use the head and tail of one model"
    case HR_BUFFER_TOO_SMALL: "pass a larger buffer"
    case HR_INVALID_ARGUMENT: "see headrace.h"
    default: ""
    }
  }
}

/// A line of ASCII in a buffer of fixed size, always NUL-terminated; what does not fit is cut off.
struct MessageLine {
  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) {
    self.buffer = buffer
    if !buffer.isEmpty { buffer[0] = 0 }
  }

  mutating func append(_ text: StaticString) { append(from: text.utf8Start) }

  /// Until NUL.
  mutating func append(from text: UnsafePointer<UInt8>) {
    var index = 0
    while text[index] != 0 {
      append(text[index])
      index &+= 1
    }
  }

  /// In decimal.
  mutating func append(_ number: UInt64) {
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor &*= 10 }
    while divisor > 0 {
      append(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
      divisor /= 10
    }
  }

  private mutating func append(_ character: UInt8) {
    guard count &+ 1 < buffer.count else { return }
    buffer[count] = character
    buffer[count &+ 1] = 0
    count &+= 1
  }
}
