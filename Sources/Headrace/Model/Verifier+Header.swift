import CHeadrace

extension Verifier {
  /// A file, an arena or a scratch block larger than this cannot be addressed by Int.
  private static var largest: UInt64 { Int.bitWidth == 32 ? 1 << 31 - 1 : 1 << 32 - 1 }

  /// Most inputs or outputs of a model: it keeps checks of one against the others linear.
  static var interfaceLimit: UInt32 { 64 }

  /// Checks what the header says of itself. The bytes may be only the beginning of a file, and need
  /// not be aligned.
  static func verifyHeader(
    _ bytes: UnsafeRawPointer, byteCount: Int
  ) throws(Failure) -> hrm_header {
    let size = Int(HRM_HEADER_BYTES)
    let magic: UInt64 = 0x0a1a_0a0d_4d52_4889  // HRM_MAGIC, read as a little-endian number
    guard
      byteCount >= 8, UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) == magic
    else {
      throw Failure(
        HR_BAD_MODEL, "not a Headrace model", remedy: "make one with headrace compile")
    }
    guard byteCount >= size else {
      throw Failure(
        HR_BAD_MODEL, "the header is truncated", remedy: "copy the file again",
        needed: UInt64(size), available: UInt64(byteCount))
    }
    let header = bytes.loadUnaligned(as: hrm_header.self)
    guard
      Int32(header.version_major) == HRM_VERSION_MAJOR,
      Int32(header.version_minor) <= HRM_VERSION_MINOR
    else {
      throw Failure(
        HR_UNSUPPORTED_VERSION, "the file's format version is not one that this library reads",
        remedy: "compile the model again, or update the library")
    }
    guard checksum(header) == header.header_crc, header.header_bytes == size else {
      throw Failure(HR_BAD_MODEL, "the header is damaged", remedy: "copy the file again")
    }
    for offset in size - MemoryLayout.size(ofValue: header.reserved)..<size {
      guard bytes.load(fromByteOffset: offset, as: UInt8.self) == 0 else {
        throw .badModel("reserved bytes of the header are not zero")
      }
    }
    try verifySizes(header)
    return header
  }

  /// CRC-32C of the header with its own field zero.
  private static func checksum(_ header: hrm_header) -> UInt32 {
    var header = header
    header.header_crc = 0
    return withUnsafeBytes(of: header) { CRC32C.checksum($0.baseAddress!, count: $0.count) }
  }

  private static func verifySizes(_ header: hrm_header) throws(Failure) {
    guard
      header.file_bytes >= UInt64(HRM_HEADER_BYTES), header.file_bytes <= largest,
      header.arena_bytes <= largest, header.constants_bytes <= header.file_bytes,
      UInt64(header.scratch_bytes) <= largest
    else {
      throw Failure(
        HR_BAD_MODEL, "a size in the header is out of range",
        remedy: "32-bit boards take models and arenas below 2 GiB, 64-bit ones below 4 GiB")
    }
    guard header.macs <= UInt64(Int64.max) else {
      throw .badModel("the number of MACs is out of range")
    }
    let alignment = UInt64(HRM_ALIGNMENT)
    guard
      header.arena_bytes % alignment == 0, UInt64(header.scratch_bytes) % alignment == 0
    else { throw .badModel("arena or scratch size is not a multiple of 64") }
    guard header.flags & ~UInt32(HRM_USES_FLOAT) == 0 else {
      throw .badModel("unknown flags in the header")
    }
    guard
      (1...interfaceLimit).contains(header.input_count),
      (1...interfaceLimit).contains(header.output_count),
      header.frame_input_count <= header.input_count
    else { throw .badModel("the number of inputs or outputs is not 1 ... 64") }
  }

  /// Every section lies inside the file, behind the header, aligned; strings end with NUL.
  func verifySections() throws(Failure) {
    try verifySection(header.tensors_offset, UInt64(header.tensor_count) * 64)
    try verifySection(header.operators_offset, UInt64(header.operator_count) * 96)
    try verifySection(header.operands_offset, UInt64(header.operand_count) * 4)
    try verifySection(
      header.interface_offset, (UInt64(header.input_count) + UInt64(header.output_count)) * 4)
    try verifySection(header.metadata_offset, UInt64(header.metadata_count) * 16)
    try verifySection(header.frame_inputs_offset, UInt64(header.frame_input_count) * 16)
    try verifySection(header.strings_offset, UInt64(header.strings_bytes))
    try verifySection(header.constants_offset, header.constants_bytes)
    guard
      header.strings_bytes > 0, view.strings[Int(header.strings_bytes) - 1] == 0
    else { throw .badModel("the strings do not end with NUL") }
  }

  private func verifySection(_ offset: UInt32, _ bytes: UInt64) throws(Failure) {
    guard
      offset >= UInt32(HRM_HEADER_BYTES), offset % UInt32(HRM_ALIGNMENT) == 0,
      UInt64(offset) + bytes <= header.file_bytes
    else {
      var failure = Failure.badModel("a section is not aligned or not inside the file")
      failure.tell(byteOffset: UInt64(offset))
      throw failure
    }
  }
}
