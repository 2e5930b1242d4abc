import CHeadraceIO
import Foundation
import Testing

/// Links and listeners on this machine's loopback, where what is sent is there at once.
@Suite struct LinkTests {
  /// More than a link or a listener reads at once, and what a socket holds.
  private let most = 150

  /// A latent's packet as PACKET.md says, of one layer without a body.
  private func packet() -> [UInt8] {
    var bytes = Array("HR".utf8) + [0x11, 0x10, 0x78, 0x56, 0x34, 0x12]
    bytes += [UInt8](repeating: 0, count: 12)
    let checksum = hr_crc32c(bytes, bytes.count)
    withUnsafeBytes(of: checksum.littleEndian) { bytes += $0 }
    return bytes
  }

  private func answer() -> [UInt8] {
    var answer = hr_answer()
    answer.struct_size = UInt32(MemoryLayout<hr_answer>.size)
    answer.model_id = 0x1234_5678
    var bytes = [UInt8](repeating: 0, count: 1024)
    var count = 0
    #expect(hr_answer_pack(&answer, &bytes, bytes.count, &count, nil) == HR_OK)
    return Array(bytes[..<count])
  }

  private func listen() throws -> OpaquePointer {
    var listener: OpaquePointer?
    try #require(hr_listener_open(&listener, "udp://127.0.0.1:0", nil) == HR_OK)
    return try #require(listener)
  }

  private func damaged(_ listener: OpaquePointer) -> UInt64 {
    var state = hr_listener_state()
    state.struct_size = UInt32(MemoryLayout<hr_listener_state>.size)
    #expect(hr_listener_status(listener, &state) == HR_OK)
    return state.damaged
  }

  /// The bytes of the packet that came, nil if none did.
  private func receive(_ listener: OpaquePointer, _ peer: inout hr_peer) -> [UInt8]? {
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    let status = hr_listener_receive(listener, 0, &bytes, &count, &peer, nil)
    return status == HR_OK ? Array(UnsafeBufferPointer(start: bytes, count: count)) : nil
  }

  @Test func aLinkComesBackFromATailThatSendsNonsense() throws {
    let listener = try listen()
    defer { hr_listener_close(listener) }
    var config = hr_link_config()
    hr_link_config_init(&config)
    config.answer_timeout_ms = 600_000
    var link: OpaquePointer?
    try #require(hr_link_open(&link, hr_listener_address(listener), &config, nil) == HR_OK)
    defer { hr_link_close(link) }
    try #require(hr_link_send(link, packet(), packet().count, nil) == HR_OK)
    var peer = hr_peer()
    try #require(receive(listener, &peer) == packet())
    for _ in 0..<most { #expect(hr_listener_answer(listener, &peer, [7], 1, nil) == HR_OK) }
    let answer = answer()
    #expect(hr_listener_answer(listener, &peer, answer, answer.count, nil) == HR_OK)

    var state = hr_link_state()
    state.struct_size = UInt32(MemoryLayout<hr_link_state>.size)
    var out = hr_answer()
    out.struct_size = UInt32(MemoryLayout<hr_answer>.size)
    #expect(hr_link_receive(link, 0, &out, nil) == HR_TIMED_OUT)
    #expect(hr_link_status(link, &state) == HR_OK)
    #expect(state.damaged > 0 && state.damaged < most)
    var came = false
    for _ in 0..<most where !came { came = hr_link_receive(link, 0, &out, nil) == HR_OK }
    #expect(came)
    #expect(hr_link_status(link, &state) == HR_OK)
    #expect(state.damaged == most && state.answered == 1)
    #expect(out.model_id == 0x1234_5678)
  }

  @Test(arguments: [0, 1])
  func aListenerComesBackFromAHeadThatSendsNonsense(byteCount: Int) throws {
    let listener = try listen()
    defer { hr_listener_close(listener) }
    let port = try #require(
      String(cString: hr_listener_address(listener)).split(separator: ":").last
        .flatMap { UInt16($0) })
    let head = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(head) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafeBytes(of: address) {
      connect(head, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
    }
    try #require(connected == 0)
    for _ in 0..<most { #expect(send(head, [7] as [UInt8], byteCount, 0) == byteCount) }
    #expect(send(head, packet(), packet().count, 0) == packet().count)

    var peer = hr_peer()
    #expect(receive(listener, &peer) == nil)
    #expect(damaged(listener) > 0 && damaged(listener) < most)
    var came: [UInt8]?
    for _ in 0..<most where came == nil { came = receive(listener, &peer) }
    #expect(came == packet())
    #expect(damaged(listener) == most)
  }
}
