import CHeadrace

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4): polynomial 0x1edc6f41, reflected, initial value and
/// final exclusive-or all ones.
///
/// Sixteen bytes a step by sixteen tables (Kounavis and Berry, "A systematic approach to building high
/// performance software-based CRC generators", 2005): few of the look-ups wait for the step before. The
/// tables live in this value, 16 KiB on the stack, because filling them takes microseconds and the
/// library keeps no global state. x86-64 CPUs that have an instruction for it need none.
struct CRC32C {
  private static let polynomial: UInt32 = 0x82f6_3b78

  private var tables = InlineArray<4096, UInt32>(repeating: 0)
  private var state = UInt32.max

  #if arch(x86_64)
  private let hasInstruction = hr_has_crc32c()
  #endif

  init() {
    #if arch(x86_64)
    if hasInstruction { return }
    #endif
    for byte in 0..<256 {
      var remainder = UInt32(truncatingIfNeeded: byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder &>> 1 ^ Self.polynomial : remainder &>> 1
      }
      tables[byte] = remainder
    }
    // tables[256 k + b]: byte b followed by k zero bytes.
    for entry in 256..<4096 {
      let shorter = tables[entry &- 256]
      tables[entry] = shorter &>> 8 ^ tables[Int(shorter & 255)]
    }
  }

  var value: UInt32 { ~state }

  mutating func update(_ bytes: UnsafeRawPointer, count: Int) {
    #if arch(x86_64)
    if hasInstruction {
      state = hr_update_crc32c(state, bytes, count)
      return
    }
    #endif
    var crc = state
    var offset = 0
    tables.span.withUnsafeBufferPointer { tables in
      let tables = tables.baseAddress!
      while offset &+ 16 <= count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt32>.self)
        crc =
          Self.remainder(tables, UInt32(littleEndian: word[0]) ^ crc, zeroBytes: 12)
          ^ Self.remainder(tables, UInt32(littleEndian: word[1]), zeroBytes: 8)
          ^ Self.remainder(tables, UInt32(littleEndian: word[2]), zeroBytes: 4)
          ^ Self.remainder(tables, UInt32(littleEndian: word[3]), zeroBytes: 0)
        offset &+= 16
      }
      while offset < count {
        let byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
        crc = crc &>> 8 ^ tables[Int((crc ^ UInt32(byte)) & 255)]
        offset &+= 1
      }
    }
    state = crc
  }

  /// What four bytes, followed by zeros, contribute.
  @inline(__always)
  private static func remainder(
    _ tables: UnsafePointer<UInt32>, _ word: UInt32, zeroBytes: Int
  ) -> UInt32 {
    let tables = tables + 256 &* zeroBytes
    return tables[768 &+ Int(word & 255)] ^ tables[512 &+ Int(word &>> 8 & 255)]
      ^ tables[256 &+ Int(word &>> 16 & 255)] ^ tables[Int(word &>> 24)]
  }

  static func checksum(_ bytes: UnsafeRawPointer, count: Int) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes, count: count)
    return crc.value
  }
}
