import CHeadrace
import HeadraceCompiler

/// The sending end of packets: a head's session, and its latent as packets.
final class SplitHead {
  let session: NetworkSession
  private let memory: UnsafeMutableRawBufferPointer
  private var split: OpaquePointer?
  private var packet = [UInt8](repeating: 0, count: Int(HR_MAX_PACKET_BYTES))

  init(_ model: OpenModel) throws {
    session = try NetworkSession(model)
    let count = hr_split_bytes(model.handle)
    memory = .allocate(byteCount: max(count, 64), alignment: 64)
    // Every property is set: deinit frees the memory also if this throws.
    try RuntimeError.check {
      hr_split_head_init(&split, memory.baseAddress, count, session.session, $0)
    }
  }

  deinit { memory.deallocate() }

  var rates: Int { Int(hr_split_rates(split)) }

  /// The latent of the last run, header and checksum included.
  func pack(rate: Int) throws -> ArraySlice<UInt8> {
    var request = hr_split_request()
    request.struct_size = UInt32(MemoryLayout<hr_split_request>.size)
    request.rate = UInt32(rate)
    var count = 0
    try RuntimeError.check { error in
      hr_split_pack(split, &request, &packet, packet.count, &count, nil, error)
    }
    return packet[..<count]
  }
}
