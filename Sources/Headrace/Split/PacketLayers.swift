import CHeadrace

/// Where each layer's code lies in a latent's packet.
struct PacketLayers {
  /// In bytes from the packet's beginning: layer i's code is ends[i] ..< ends[i + 1].
  private(set) var ends: InlineArray<16, Int>
  let count: Int

  /// Of a packet whose header was checked.
  init(_ packet: UnsafePointer<UInt8>, _ header: PacketHeader) throws(Failure) {
    guard header.kind == HR_PACKET_LATENT else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet holds no latent", remedy: "read answers with hr_answer_unpack")
    }
    count = header.layers
    let last = header.packetBytes
    var end = PacketHeader.byteCount + Self.tableBytes(count)
    ends = InlineArray(repeating: end)
    var isSane = count > 0 ? end <= last : header.bodyBytes == 0
    for layer in 0..<max(0, count &- 1) where isSane {
      end &+= Self.length(packet, layer)
      ends[layer &+ 1] = end
      isSane = end <= last
    }
    guard isSane else {
      throw Failure(HR_BAD_PAYLOAD, "the packet's layers are longer than the packet")
    }
    if count > 0 { ends[count] = last }
  }

  /// What the lengths in front of the codes take.
  static func tableBytes(_ layers: Int) -> Int { 2 &* max(0, layers &- 1) }

  private static func length(_ packet: UnsafePointer<UInt8>, _ layer: Int) -> Int {
    let place = PacketHeader.byteCount &+ 2 &* layer
    return Int(packet[place]) | Int(packet[place &+ 1]) &<< 8
  }

  static func store(length: Int, _ packet: UnsafeMutablePointer<UInt8>, _ layer: Int) {
    let place = PacketHeader.byteCount &+ 2 &* layer
    packet[place] = UInt8(truncatingIfNeeded: length)
    packet[place &+ 1] = UInt8(truncatingIfNeeded: length &>> 8)
  }

  /// Bytes of the packet with only its first `kept` layers.
  func packetBytes(_ kept: Int) -> Int {
    kept == 0
      ? PacketHeader.byteCount
      : ends[kept] &- Self.tableBytes(count) &+ Self.tableBytes(kept)
  }

  /// Leaves out the layers from `kept` on, in place; returns how long the packet now is.
  func cut(
    _ packet: UnsafeMutablePointer<UInt8>, _ header: PacketHeader, to kept: Int
  ) -> Int {
    var shorter = header
    let bytes = packetBytes(kept)
    shorter.layers = kept
    shorter.bodyBytes = bytes - PacketHeader.byteCount
    let target = PacketHeader.byteCount &+ Self.tableBytes(kept)
    UnsafeMutableRawPointer(packet + target)
      .copyMemory(from: packet + ends[0], byteCount: max(0, bytes - target))
    shorter.seal(packet)
    return bytes
  }
}
