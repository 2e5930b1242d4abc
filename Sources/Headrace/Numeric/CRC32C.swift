/// CRC-32C (Castagnoli; RFC 3720, appendix B.4): polynomial 0x1edc6f41, reflected, initial value and
/// final exclusive-or all ones.
///
/// Four bytes a step by four tables (Kounavis and Berry, "A systematic approach to building high
/// performance software-based CRC generators", 2005). The tables live in this value, 4 KiB on the
/// stack, because filling them takes microseconds and the library keeps no global state.
struct CRC32C {
  private static let polynomial: UInt32 = 0x82f6_3b78

  private var tables = InlineArray<1024, UInt32>(repeating: 0)
  private var state = UInt32.max

  init() {
    for byte in 0..<256 {
      var remainder = UInt32(truncatingIfNeeded: byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder &>> 1 ^ Self.polynomial : remainder &>> 1
      }
      tables[byte] = remainder
    }
    // tables[256 k + b]: byte b followed by k zero bytes.
    for entry in 256..<1024 {
      let shorter = tables[entry &- 256]
      tables[entry] = shorter &>> 8 ^ tables[Int(shorter & 255)]
    }
  }

  var value: UInt32 { ~state }

  mutating func update(_ bytes: UnsafeRawPointer, count: Int) {
    var crc = state
    var offset = 0
    while offset &+ 4 <= count {
      crc ^= UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      crc =
        tables[768 &+ Int(crc & 255)] ^ tables[512 &+ Int(crc &>> 8 & 255)]
        ^ tables[256 &+ Int(crc &>> 16 & 255)] ^ tables[Int(crc &>> 24)]
      offset &+= 4
    }
    while offset < count {
      let byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
      crc = crc &>> 8 ^ tables[Int((crc ^ UInt32(byte)) & 255)]
      offset &+= 1
    }
    state = crc
  }

  static func checksum(_ bytes: UnsafeRawPointer, count: Int) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes, count: count)
    return crc.value
  }
}
