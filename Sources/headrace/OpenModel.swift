import CHeadrace
import Foundation
import HeadraceCompiler

/// A verified model over bytes of its own, for any number of sessions on any threads.
final class OpenModel: @unchecked Sendable {
  private let file: UnsafeMutableRawBufferPointer
  /// Stays where it is as long as this object lives; nothing writes it.
  let handle: UnsafeMutablePointer<hr_model>

  /// - Parameter bytes: of a .hrm file.
  init(_ bytes: some Collection<UInt8>) throws {
    file = .allocate(byteCount: max(bytes.count, 1), alignment: 64)
    file.copyBytes(from: bytes)
    handle = .allocate(capacity: 1)
    handle.initialize(to: hr_model())
    // Every property is set: deinit frees them also if this throws.
    try RuntimeError.check { hr_model_open(handle, file.baseAddress, bytes.count, $0) }
  }

  /// - Parameter path: of a .hrm file, or of an ONNX network, which is compiled to float32.
  convenience init(path: String) throws {
    guard path.lowercased().hasSuffix(".onnx") else {
      try self.init([UInt8](readFile(path)))
      return
    }
    try self.init(network: path, tailOf: nil)
  }

  /// Compiles an ONNX network to float32.
  /// - Parameter head: whose latent its first input is.
  convenience init(network path: String, tailOf head: LatentHead?) throws {
    var graph = try importONNX(
      readFile(path), directory: URL(fileURLWithPath: path).deletingLastPathComponent())
    try optimize(&graph)
    var options = CompileOptions()
    options.head = head
    let source = URL(fileURLWithPath: path).lastPathComponent
    try self.init(Compilation(graph, source: source, options).bytes)
  }

  deinit {
    handle.deallocate()
    file.deallocate()
  }

  /// Of the metadata; nil if there is no such key.
  func metadata(_ key: String) -> String? {
    var value: UnsafePointer<CChar>?
    var count = 0
    guard hr_model_metadata(handle, key, &value, &count) == HR_OK, let value else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: value, count: count), as: UTF8.self)
  }

  /// How its first input and output look, without data.
  var input: hr_tensor? { tensor(hr_model_input) }
  var output: hr_tensor? { tensor(hr_model_output) }

  /// Pixels of the pictures that its first input takes; nil: it takes none.
  var pictureSize: (width: Int, height: Int)? {
    var (width, height) = (UInt32(0), UInt32(0))
    guard hr_model_frame_size(handle, 0, &width, &height) == HR_OK else { return nil }
    return (Int(width), Int(height))
  }

  private func tensor(
    _ get: (UnsafePointer<hr_model>?, UInt32, UnsafeMutablePointer<hr_tensor>?) -> hr_status
  ) -> hr_tensor? {
    var tensor = hr_tensor()
    tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    return get(handle, 0, &tensor) == HR_OK ? tensor : nil
  }
}
