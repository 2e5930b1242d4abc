import ArgumentParser
import CHeadrace
import CHeadrace.Devices
import HeadraceCompiler

/// The tail's side of links at one address. One thread receives; any may answer.
final class Listener: @unchecked Sendable {
  private var listener: OpaquePointer?
  /// As it came out: with the port that was free.
  let address: String

  init(_ address: String) throws {
    var listener: OpaquePointer?
    do {
      try RuntimeError.check { hr_listener_open(&listener, address, $0) }
    } catch let error as RuntimeError {
      // What is no address is wrong usage, as it is to headrace-demo send.
      guard error.status != HR_INVALID_ARGUMENT else { throw ValidationError(error.message) }
      throw CompilerError(error.message, at: address)
    }
    self.listener = listener
    self.address = String(cString: hr_listener_address(listener))
  }

  deinit { hr_listener_close(listener) }

  /// - Returns: nil if none came for so long.
  /// - Throws: what is in the way, as a broker that cannot be reached.
  func receive(milliseconds: UInt32) throws -> (bytes: [UInt8], peer: hr_peer)? {
    var packet: UnsafePointer<UInt8>?
    var count = 0
    var peer = hr_peer()
    do {
      try RuntimeError.check {
        hr_listener_receive(listener, milliseconds, &packet, &count, &peer, $0)
      }
    } catch let error as RuntimeError where error.status == HR_TIMED_OUT {
      // "no packet at ADDRESS yet", and perhaps why.
      guard !error.message.hasSuffix("yet") else { return nil }
      throw error
    }
    return (Array(UnsafeBufferPointer(start: packet, count: count)), peer)
  }

  /// A peer that is gone or does not read is counted, and no error.
  func answer(_ peer: hr_peer, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
    var peer = peer
    _ = hr_listener_answer(listener, &peer, bytes, count, nil)
  }

  var state: hr_listener_state {
    var state = hr_listener_state()
    state.struct_size = UInt32(MemoryLayout<hr_listener_state>.size)
    _ = hr_listener_status(listener, &state)
    return state
  }
}
