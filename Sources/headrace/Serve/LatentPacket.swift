import CHeadrace
import CHeadrace.Devices

/// A packet with a latent, on its way through the server.
struct LatentPacket: Sendable {
  let bytes: [UInt8]
  let sender: Sender
  /// Index of the tail that it is for.
  let tail: Int
  /// Nanoseconds of the monotonic clock.
  let arrived: UInt64
  let head: PacketHead
}

/// What an answer repeats of its packet.
struct PacketHead: Sendable {
  let model: UInt32
  let sequence: UInt32
  let captureMicroseconds: UInt64

  init(_ info: hr_packet_info) {
    model = info.model_id
    sequence = info.sequence
    captureMicroseconds = info.capture_us
  }

  /// Of one sender's: by the time of capture, else by the sequence; both begin anew when they run over.
  func isOlder(than other: PacketHead) -> Bool {
    let age = Int64(bitPattern: captureMicroseconds &- other.captureMicroseconds) << 16
    return age != 0 ? age < 0 : Int32(bitPattern: sequence &- other.sequence) < 0
  }

  func answer(_ status: hr_status, arrived: UInt64) -> hr_answer {
    var answer = hr_answer()
    answer.struct_size = UInt32(MemoryLayout<hr_answer>.size)
    answer.status = status
    answer.model_id = model
    answer.sequence = sequence
    answer.capture_us = captureMicroseconds
    let spent = (hr_clock_monotonic(nil) - arrived) / 1000
    answer.tail_us = UInt32(clamping: spent)
    return answer
  }
}

/// Where a packet came from.
struct Sender: Hashable, Sendable {
  /// Index of the listener that it came through.
  let listener: Int
  private let words: SIMD8<UInt64>

  init(listener: Int, _ peer: hr_peer) {
    self.listener = listener
    let opaque = peer.opaque
    words = [
      opaque.0, opaque.1, opaque.2, opaque.3, opaque.4, opaque.5, opaque.6, opaque.7,
    ]
  }

  var peer: hr_peer {
    hr_peer(
      opaque: (
        words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7]
      ))
  }
}
