import CHeadrace
import Foundation
import Testing

/// A session of a network that comes with the library.
final class ShippedNetwork {
  private let file: AlignedBytes
  private let memory: AlignedBytes
  private(set) var session: OpaquePointer?

  /// - Parameter name: within the folder of models.
  init(_ name: String) throws {
    let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../Sources/Models")
    file = AlignedBytes([UInt8](try Data(contentsOf: models.appendingPathComponent(name))))
    var model = hr_model()
    #expect(hr_model_open(&model, file.base, file.count, nil) == HR_OK)
    var config = hr_session_config()
    hr_session_config_init(&config)
    memory = AlignedBytes(count: hr_session_bytes(&model, &config))
    #expect(hr_session_init(&session, memory.base, memory.count, &model, &config, nil) == HR_OK)
  }
}
