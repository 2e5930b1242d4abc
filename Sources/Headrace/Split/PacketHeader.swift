import CHeadrace

/// The 24 bytes at the beginning of a packet, little-endian; PACKET.md is their specification.
struct PacketHeader {
  static var byteCount: Int { 24 }
  static var largestBody: Int { 65535 }

  /// "HR"; behind it the version in the high half of a byte.
  private static var mark: UInt16 { 0x5248 }
  private static var version: UInt8 { 1 }
  private static var checksumOffset: Int { 20 }
  private static var timeMask: UInt64 { (1 << 48) - 1 }

  var kind: hr_packet_kind
  var model: UInt32
  var sequence: UInt32
  /// 48 bits.
  var captureTime: UInt64
  var layers = 0
  var precision: UInt32 = 0
  var bodyBytes = 0

  init(_ kind: hr_packet_kind, model: UInt32, sequence: UInt32, captureTime: UInt64) {
    self.kind = kind
    self.model = model
    self.sequence = sequence
    self.captureTime = captureTime & Self.timeMask
  }

  /// Reads the header from the first 24 bytes of a stream; only what shows that this is one is checked.
  init(_ bytes: UnsafePointer<UInt8>) throws(Failure) {
    let raw = UnsafeRawPointer(bytes)
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    guard UInt16(truncatingIfNeeded: word(0)) == Self.mark else {
      throw Failure(HR_BAD_PAYLOAD, "this is no packet")
    }
    guard bytes[2] >> 4 == Self.version else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet's version is unknown",
        remedy: "update the library on the side that is older")
    }
    kind = hr_packet_kind(rawValue: UInt32(bytes[2] & 15))
    guard kind == HR_PACKET_LATENT || kind == HR_PACKET_ANSWER || kind == HR_PACKET_REFUSAL else {
      throw Failure(HR_BAD_PAYLOAD, "the packet is of a kind that is unknown")
    }
    layers = Int(bytes[3] >> 4)
    precision = UInt32(bytes[3] & 15)
    model = word(4)
    sequence = word(8)
    captureTime = UInt64(word(12)) | UInt64(word(16) & 0xffff) << 32
    bodyBytes = Int(word(16) >> 16)
  }

  /// Reads and checks a whole packet.
  init(_ packet: UnsafePointer<UInt8>?, byteCount: Int) throws(Failure) {
    guard let packet else { throw .invalidArgument("the packet is NULL") }
    guard byteCount >= Self.byteCount else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet is truncated", needed: UInt64(Self.byteCount),
        available: UInt64(max(0, byteCount)))
    }
    try self.init(packet)
    guard Self.byteCount + bodyBytes == byteCount else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet's length is not the one in its header",
        needed: UInt64(Self.byteCount + bodyBytes), available: UInt64(byteCount))
    }
    let stored = UnsafeRawPointer(packet)
      .loadUnaligned(fromByteOffset: Self.checksumOffset, as: UInt32.self)
    guard UInt32(littleEndian: stored) == Self.checksum(packet, bodyBytes) else {
      throw Failure(HR_BAD_PAYLOAD, "the packet is damaged: wrong checksum")
    }
    let isLatent = kind == HR_PACKET_LATENT
    guard isLatent || layers == 0 && precision == 0 else {
      throw Failure(HR_BAD_PAYLOAD, "the packet's header makes no sense")
    }
  }

  var packetBytes: Int { Self.byteCount + bodyBytes }

  /// Writes the header in front of a body that is there already, and the checksum of both.
  func seal(_ out: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(out)
    func store(_ word: UInt32, _ offset: Int) {
      raw.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt32.self)
    }
    let form =
      UInt32(Self.version) << 4 | kind.rawValue | UInt32(truncatingIfNeeded: layers) << 12
      | precision << 8
    store(UInt32(Self.mark) | form << 16, 0)
    store(model, 4)
    store(sequence, 8)
    store(UInt32(truncatingIfNeeded: captureTime), 12)
    store(
      UInt32(truncatingIfNeeded: captureTime >> 32) | UInt32(truncatingIfNeeded: bodyBytes) << 16,
      16)
    store(Self.checksum(out, bodyBytes), Self.checksumOffset)
  }

  /// Of everything but the checksum itself.
  private static func checksum(_ packet: UnsafePointer<UInt8>, _ bodyBytes: Int) -> UInt32 {
    var crc = CRC32C()
    crc.update(packet, count: checksumOffset)
    crc.update(packet + byteCount, count: bodyBytes)
    return crc.value
  }
}
