import CHeadrace

@testable import Headrace

/// Models for tests of what stands around operators.
enum SmallModels {
  /// No operator: the input is the output.
  static func identity(_ type: hrm_type = HRM_INT8, _ dims: [Int] = [1, 4, 4, 3]) -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor(type, dims, scale: type == HRM_FLOAT32 ? 0 : 0.125, name: "latent")
    model.inputs = [input]
    model.outputs = [input]
    model.metadata = [("name", "identity"), ("labels", "apple\npear\n\nplum"), ("licence", "MIT")]
    return model
  }
}

/// A model opened from a builder, with the bytes that it needs.
struct OpenModel {
  let file: AlignedBytes
  var model = hr_model()

  init(_ builder: ModelBuilder) throws {
    try self.init(builder.file())
  }

  init(_ bytes: [UInt8]) throws {
    file = AlignedBytes(bytes)
    var error = emptyError()
    let status = hr_model_open(&model, file.base, file.count, &error)
    if status != HR_OK { throw RefusedModel(status: status, message: message(error)) }
  }
}

struct RefusedModel: Error {
  var status: hr_status
  var message: String
}

/// A session with the memory and the model that it needs.
final class OpenSession {
  let model: OpenModel
  let memory: AlignedBytes
  let handle: OpaquePointer

  init(_ model: OpenModel, configure: (inout hr_session_config) -> Void = { _ in }) throws {
    self.model = model
    var config = hr_session_config()
    hr_session_config_init(&config)
    configure(&config)
    var handle = model.model
    memory = AlignedBytes(count: hr_session_bytes(&handle, &config), fill: 0xee)
    var session: OpaquePointer?
    var error = emptyError()
    let status = hr_session_init(&session, memory.base, memory.count, &handle, &config, &error)
    guard status == HR_OK, let session else {
      throw RefusedModel(status: status, message: message(error))
    }
    self.handle = session
  }

  func input(_ index: UInt32 = 0) -> hr_tensor {
    var tensor = hr_tensor.sized(hr_tensor())
    _ = hr_session_input(handle, index, &tensor)
    return tensor
  }

  func output(_ index: UInt32 = 0) -> hr_tensor {
    var tensor = hr_tensor.sized(hr_tensor())
    _ = hr_session_output(handle, index, &tensor)
    return tensor
  }

  /// Fills every input by `pattern`, a function of the byte's position, runs, returns the outputs.
  func run(_ pattern: (Int) -> UInt8) -> [UInt8] {
    let header = ModelView(base: model.file.base).header.pointee
    for index in 0..<header.input_count {
      let tensor = input(index)
      for position in 0..<tensor.bytes {
        tensor.data.storeBytes(of: pattern(position), toByteOffset: position, as: UInt8.self)
      }
    }
    _ = hr_session_run(handle, nil)
    return (0..<header.output_count).flatMap { index in
      let tensor = output(index)
      return [UInt8](UnsafeRawBufferPointer(start: tensor.data, count: tensor.bytes))
    }
  }
}
