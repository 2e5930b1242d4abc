import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// A session of a network, for one thread at a time.
final class NetworkSession {
  let model: OpenModel
  private var pool: OpaquePointer?
  private var memory: UnsafeMutableRawBufferPointer?
  private(set) var session: OpaquePointer?

  /// - Parameter bytes: of a .hrm file.
  convenience init(_ bytes: Data) throws { try self.init(OpenModel(bytes)) }

  /// - Parameter threads: that a run is spread over.
  init(_ model: OpenModel, threads: Int = 1) throws {
    self.model = model
    if threads > 1 {
      try RuntimeError.check { hr_pool_create(&pool, UInt32(threads), $0) }
    }
    var config = hr_session_config()
    hr_session_config_init(&config)
    hr_pool_configure(pool, &config)
    config.clock = nil
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: hr_session_bytes(model.handle, &config), alignment: 64)
    self.memory = memory
    try RuntimeError.check {
      hr_session_init(&session, memory.baseAddress, memory.count, model.handle, &config, $0)
    }
  }

  deinit {
    memory?.deallocate()
    hr_pool_destroy(pool)
  }

  func run() throws { try RuntimeError.check { hr_session_run(session, $0) } }
}
