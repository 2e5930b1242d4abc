import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// A session of a network for the library's own use: one locator or enhancer at a time.
final class NetworkSession {
  private let file: UnsafeMutableRawBufferPointer
  private var model = hr_model()
  private var memory: UnsafeMutableRawBufferPointer?
  private(set) var session: OpaquePointer?

  /// - Parameter bytes: of a .hrm file.
  init(_ bytes: Data) throws {
    file = .allocate(byteCount: max(bytes.count, 1), alignment: 64)
    file.copyBytes(from: bytes)
    try RuntimeError.check { hr_model_open(&model, file.baseAddress, bytes.count, $0) }
    var config = hr_session_config()
    hr_session_config_init(&config)
    config.cpu_features = hr_cpu_detect()
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: hr_session_bytes(&model, &config), alignment: 64)
    self.memory = memory
    try RuntimeError.check {
      hr_session_init(&session, memory.baseAddress, memory.count, &model, &config, $0)
    }
  }

  deinit {
    memory?.deallocate()
    file.deallocate()
  }
}
