// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_abi_version() -> UInt32 { UInt32(HR_ABI_VERSION) }

@c @implementation
public func hr_status_string(_ status: hr_status) -> UnsafePointer<CChar>? {
  let name: StaticString =
    switch status {
    case HR_OK: "HR_OK"
    case HR_INVALID_ARGUMENT: "HR_INVALID_ARGUMENT"
    case HR_OUT_OF_MEMORY: "HR_OUT_OF_MEMORY"
    case HR_BAD_MODEL: "HR_BAD_MODEL"
    case HR_UNSUPPORTED_VERSION: "HR_UNSUPPORTED_VERSION"
    case HR_UNSUPPORTED_OPERATOR: "HR_UNSUPPORTED_OPERATOR"
    case HR_BAD_FRAME: "HR_BAD_FRAME"
    case HR_BAD_PAYLOAD: "HR_BAD_PAYLOAD"
    case HR_BUFFER_TOO_SMALL: "HR_BUFFER_TOO_SMALL"
    case HR_BAD_PICTURE: "HR_BAD_PICTURE"
    case HR_NOT_FOUND: "HR_NOT_FOUND"
    case HR_DEVICE_ERROR: "HR_DEVICE_ERROR"
    case HR_UNSUPPORTED_FORMAT: "HR_UNSUPPORTED_FORMAT"
    case HR_END_OF_STREAM: "HR_END_OF_STREAM"
    case HR_TIMED_OUT: "HR_TIMED_OUT"
    default: "unknown status"
    }
  return name.cString
}

@c @implementation
public func hr_error_init(_ error: UnsafeMutablePointer<hr_error>?) {
  guard let error else { return }
  var empty = hr_error()
  empty.struct_size = UInt32(MemoryLayout<hr_error>.size)
  empty.operator_index = HRM_NONE
  empty.tensor_index = HRM_NONE
  error.initialize(to: empty)
}

@c @implementation
public func hr_crc32c(_ bytes: UnsafeRawPointer?, _ byte_count: Int) -> UInt32 {
  guard let bytes, byte_count > 0 else { return 0 }
  return CRC32C.checksum(bytes, count: byte_count)
}

extension StaticString {
  /// The characters, which end with NUL.
  var cString: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
