import CHeadrace

/// Packs a head's output into bytes to send, and a tail's input out of them.
enum Payload {
  /// The most bytes that `pack` writes: coding that does not win is not used.
  static func bound(_ tensor: hrm_tensor) throws(Failure) -> Int {
    _ = try PayloadHeader(tensor, model: 0, rate: 0)
    return PayloadHeader.overhead + Int(tensor.bytes)
  }

  /// Returns how many bytes it wrote to `out`.
  static func pack(
    _ session: Session, _ tensor: UnsafePointer<hrm_tensor>, rate: UInt32,
    to out: UnsafeMutablePointer<UInt8>, capacity: Int
  ) throws(Failure) -> Int {
    var header = try PayloadHeader(tensor.pointee, model: session.model.identity, rate: rate)
    let elements = LatentElements(
      session.data(tensor), header.type, zeroPoint: header.zeroPoint, rate: rate)
    let rawBytes = Int(tensor.pointee.bytes)
    let body = out + PayloadHeader.byteCount
    let room = capacity - PayloadHeader.overhead
    var bodyBytes = 0
    if room > 0 {
      var encoder = RangeCoder(encodingTo: body, limit: min(room, rawBytes - 1))
      var coder = LatentCoder()
      _ = coder.code(elements, header.shape, with: &encoder)
      let coded = encoder.finish()
      header.isCoded = coded != nil
      bodyBytes = coded ?? 0
    }
    if room <= 0 || !header.isCoded {
      guard room >= rawBytes else {
        throw Failure(
          HR_BUFFER_TOO_SMALL, "the payload's buffer is too small",
          remedy: "pass as much as hr_payload_bound says",
          needed: UInt64(rawBytes + PayloadHeader.overhead), available: UInt64(capacity))
      }
      header.isCoded = false
      for index in 0..<tensor.pointee.elementCount { elements.copy(index, to: body) }
      bodyBytes = rawBytes
    }
    header.bodyBytes = UInt32(bodyBytes)
    header.write(to: out)
    let covered = PayloadHeader.byteCount + bodyBytes
    UnsafeMutableRawPointer(out).storeBytes(
      of: CRC32C.checksum(out, count: covered).littleEndian, toByteOffset: covered,
      as: UInt32.self)
    return covered + PayloadHeader.checksumBytes
  }

  /// Fills a tail's input.
  static func unpack(
    _ payload: UnsafePointer<UInt8>?, byteCount: Int, into session: Session,
    _ tensor: UnsafePointer<hrm_tensor>
  ) throws(Failure) {
    let header = try PayloadHeader(payload, byteCount: byteCount)
    guard let payload, header.matches(tensor.pointee) else {
      throw Failure(
        HR_BAD_PAYLOAD, "the payload's shape is not the tail input's",
        remedy: "use the tail that was made with this head")
    }
    try LatentConversion.check(header.type, tensor)
    let data = session.data(tensor)
    try decode(header, payload + PayloadHeader.byteCount, into: data, tensor)
    LatentConversion(header.type, scale: header.scale, zeroPoint: header.zeroPoint)
      .convert(data, for: tensor)
  }

  /// Writes the elements as they were sent, packed, at the beginning of the input's memory, where the
  /// decoder also reads what it has decoded.
  private static func decode(
    _ header: PayloadHeader, _ body: UnsafePointer<UInt8>, into data: UnsafeMutableRawPointer,
    _ tensor: UnsafePointer<hrm_tensor>
  ) throws(Failure) {
    let count = Int(header.bodyBytes)
    guard header.isCoded else {
      let bytes = tensor.pointee.elementCount * (header.type == HR_INT16 ? 2 : 1)
      guard count == bytes else {
        throw Failure(
          HR_BAD_PAYLOAD, "the payload's body is not as long as its elements",
          needed: UInt64(bytes), available: UInt64(count))
      }
      data.copyMemory(from: body, byteCount: bytes)
      return
    }
    let elements = LatentElements(
      data, header.type, zeroPoint: header.zeroPoint, rate: header.rate)
    var decoder = RangeCoder(decoding: body, count: count)
    var coder = LatentCoder()
    guard
      coder.code(elements, header.shape, with: &decoder), decoder.isAtEnd
    else { throw Failure(HR_BAD_PAYLOAD, "the payload's code makes no sense") }
  }
}
