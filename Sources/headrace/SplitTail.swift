import CHeadrace
import HeadraceCompiler

/// The receiving end of packets: fills a tail's session from them.
final class SplitTail {
  let session: NetworkSession
  private let head: OpenModel?
  private let memory: UnsafeMutableRawBufferPointer
  private var split: OpaquePointer?

  /// - Parameter head: whose packets they are; nil if the tail's own file says it.
  init(_ session: NetworkSession, head: OpenModel?) throws {
    self.session = session
    self.head = head
    let handle = (head ?? session.model).handle
    let count = hr_split_bytes(handle)
    memory = .allocate(byteCount: max(count, 64), alignment: 64)
    // Every property is set: deinit frees the memory also if this throws.
    try RuntimeError.check {
      hr_split_tail_init(&split, memory.baseAddress, count, session.session, head?.handle, $0)
    }
  }

  deinit { memory.deallocate() }

  var identity: UInt32 { hr_split_model_id(split) }

  /// Runs the tail on what a packet holds.
  func run(_ packet: ArraySlice<UInt8>) throws {
    try packet.withUnsafeBufferPointer { bytes in
      try RuntimeError.check { hr_split_unpack(split, bytes.baseAddress, bytes.count, nil, $0) }
    }
    try session.run()
  }

  /// Runs the tail on what a packet holds.
  /// - Returns: HR_OK, with the likeliest classes in `answer`; else why the packet is refused.
  func answer(_ packet: [UInt8], _ answer: inout hr_answer, classes: Int) -> hr_status {
    var status = hr_split_unpack(split, packet, packet.count, nil, nil)
    if status == HR_OK { status = hr_session_run(session.session, nil) }
    if status == HR_OK {
      status = hr_answer_from_session(&answer, session.session, UInt32(classes), nil)
    }
    return status
  }
}
