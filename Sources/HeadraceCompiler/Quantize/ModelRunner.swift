import CHeadrace
import Dispatch
import Foundation

/// A session of a compiled model in this process.
final class ModelRunner {
  /// Sees each operator's index and its output, still in the arena.
  typealias Observer = (Int, hr_tensor) -> Void

  let loaded: LoadedModel
  private(set) var session: OpaquePointer?
  private let memory: UnsafeMutableRawPointer
  private var observer: Observer?

  init(_ bytes: [UInt8]) throws {
    loaded = try LoadedModel(bytes)
    var config = hr_session_config()
    hr_session_config_init(&config)
    config.threads = UInt32(min(max(ProcessInfo.processInfo.activeProcessorCount, 1), 64))
    config.parallel = { _, count, body, context in
      // The runtime's parts write to places of their own.
      nonisolated(unsafe) let context = context
      DispatchQueue.concurrentPerform(iterations: Int(count)) { body?(context, UInt32($0)) }
    }
    config.observer = { context, index, tensor in
      let runner = Unmanaged<ModelRunner>.fromOpaque(context!).takeUnretainedValue()
      runner.observer?(Int(index), tensor!.pointee)
    }
    // The context is this object, whose address is known only once it is whole.
    var model = loaded.model
    let bytes = hr_session_bytes(&model, &config)
    memory = .allocate(byteCount: max(bytes, 1), alignment: Int(HRM_ALIGNMENT))
    config.observer_context = Unmanaged.passUnretained(self).toOpaque()
    try RuntimeError.check { error in
      hr_session_init(&session, memory, bytes, &model, &config, error)
    }
  }

  deinit { memory.deallocate() }

  var inputCount: Int { Int(loaded.header.input_count) }
  var outputCount: Int { Int(loaded.header.output_count) }

  func input(_ index: Int) throws -> hr_tensor {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    try RuntimeError.check { _ in hr_session_input(session, UInt32(index), &tensor) }
    return tensor
  }

  func output(_ index: Int) throws -> hr_tensor {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    try RuntimeError.check { _ in hr_session_output(session, UInt32(index), &tensor) }
    return tensor
  }

  func write(_ values: [Float], to index: Int) throws {
    var tensor = try input(index)
    try RuntimeError.check { _ in hr_tensor_write_float(&tensor, values, values.count) }
  }

  func run(_ observer: Observer? = nil) throws {
    self.observer = observer
    defer { self.observer = nil }
    try RuntimeError.check { error in hr_session_run(session, error) }
  }
}

extension hr_tensor {
  var elementCount: Int { extents(dims, rank: Int(rank)).reduce(1, *) }

  /// The tensor as real numbers.
  func reals() throws -> [Float] {
    var tensor = self
    let count = elementCount
    var result = [Float](repeating: 0, count: count)
    try RuntimeError.check { _ in hr_tensor_read_float(&tensor, &result, count) }
    return result
  }
}
