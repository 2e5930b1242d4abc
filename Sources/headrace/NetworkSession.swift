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

  /// Fills the first input with a frame, as the model's metadata says.
  func set(_ frame: UnsafePointer<hr_frame>) throws {
    try RuntimeError.check { hr_session_set_frame(session, 0, frame, $0) }
  }

  /// The first output, which lives until the next run.
  func output() throws -> hr_tensor {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    try RuntimeError.check { _ in hr_session_output(session, 0, &tensor) }
    return tensor
  }

  /// Which element of the first output is the largest.
  func likeliest() throws -> Int {
    var tensor = try output()
    var values = [Float](repeating: 0, count: tensor.shape.reduce(1, *))
    try RuntimeError.check { _ in hr_tensor_read_float(&tensor, &values, values.count) }
    return values.indices.max { values[$0] < values[$1] } ?? 0
  }
}

extension hr_tensor {
  var shape: [Int] {
    [dims.0, dims.1, dims.2, dims.3, dims.4, dims.5].prefix(Int(rank)).map(Int.init)
  }
}
