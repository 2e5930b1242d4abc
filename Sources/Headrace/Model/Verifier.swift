import CHeadrace

/// Checks a .hrm file completely, so that whatever runs it may trust it.
///
/// Everything is checked once, from the outside in, each step reading only what earlier steps have
/// found to be in bounds; sums and products are formed in 64 bits from 32-bit fields or with overflow
/// checks. Time is linear in the file's size, memory constant.
struct Verifier {
  let view: ModelView
  let header: hrm_header
  /// Those that the program has.
  let operators: UnsafePointer<hr_operators>

  /// Verifies the file of at least `header.file_bytes` at `bytes`, which holds `byteCount` bytes.
  static func verify(
    _ bytes: UnsafeRawPointer, byteCount: Int, _ operators: UnsafePointer<hr_operators>
  ) throws(Failure) -> ModelView {
    guard UInt(bitPattern: bytes) % UInt(HRM_ALIGNMENT) == 0 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the model's bytes are not 64-byte aligned",
        remedy: "map the file or use aligned_alloc(64, ...)")
    }
    let header = try verifyHeader(bytes, byteCount: byteCount)
    guard header.file_bytes <= UInt64(byteCount) else {
      throw Failure(
        HR_BAD_MODEL, "the file is truncated", remedy: "copy it again", needed: header.file_bytes,
        available: UInt64(byteCount))
    }
    let headerBytes = Int(HRM_HEADER_BYTES)
    guard
      CRC32C.checksum(bytes + headerBytes, count: Int(header.file_bytes) - headerBytes)
        == header.body_crc
    else {
      throw Failure(HR_BAD_MODEL, "the file is damaged: wrong checksum", remedy: "copy it again")
    }
    let verifier = Verifier(view: ModelView(base: bytes), header: header, operators: operators)
    try verifier.verifySections()
    try verifier.verifyTensors()
    try verifier.verifyInterface()
    try verifier.verifyOperators()
    try verifier.verifyModelOutputs()
    try verifier.verifyMetadata()
    try verifier.verifyFrameInputs()
    return verifier.view
  }

  /// The extents [offset, offset + bytes) of two arena tensors meet.
  static func overlap(
    _ a: UnsafePointer<hrm_tensor>, _ b: UnsafePointer<hrm_tensor>
  ) -> Bool {
    !a.pointee.isConstant && !b.pointee.isConstant
      && UInt64(a.pointee.offset) < UInt64(b.pointee.offset) + UInt64(b.pointee.bytes)
      && UInt64(b.pointee.offset) < UInt64(a.pointee.offset) + UInt64(a.pointee.bytes)
  }
}
