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

  /// Six int8 operators with branches, a picture input of `side` x `side` pixels, two outputs. Weights are a
  /// fixed pattern. With the side of 6 no operator is worth sharing out; with 96 most are.
  static func network(side: Int = 6) -> ModelBuilder {
    var model = ModelBuilder()
    func pattern(_ count: Int, _ span: Int) -> [Int] {
      (0..<count).map { ($0 * 37 + 11) % (2 * span + 1) - span }
    }
    func int8(_ values: [Int]) -> [UInt8] { bytes(of: values.map { Int8($0) }) }
    func int32(_ values: [Int]) -> [UInt8] { bytes(of: values.map { Int32($0) }) }
    func activation(_ dims: [Int], _ name: String) -> UInt32 {
      model.tensor(HRM_INT8, dims, scale: 0.5, zeroPoint: 3, name: name)
    }
    // Each multiplier divides the sum by about 64.
    let requant = model.tensor(
      HRM_INT32, [2, 8],
      constant: int32([Int](repeating: 1 << 30, count: 8) + [Int](repeating: 36, count: 8)))
    let bias = model.tensor(HRM_INT32, [8], constant: int32(pattern(8, 500)))

    let picture = activation([1, side, side, 3], "picture")
    // Quads of each of 8 channels; the last of its 28 weights is padding.
    let weights27 = pattern(224, 90).enumerated().map { $0 >= 192 && $0 % 4 == 3 ? 0 : $1 }
    let kernel = model.tensor(HRM_INT8, [1, 7, 8, 4], constant: int8(weights27))
    let features = activation([1, side, side, 8], "features")
    model.add(
      HRM_CONV2D,
      hrm_conv(
        kernel_h: 3, kernel_w: 3, stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1,
        pad_top: 1, pad_left: 1,
        pad_bottom: 1, pad_right: 1, groups: 1, clamp_min: -128, clamp_max: 127),
      inputs: [picture, kernel, bias, requant], outputs: [features], macs: UInt64(side * side * 216)
    )

    let table = model.tensor(HRM_INT8, [256], constant: int8(pattern(256, 127)))
    let bent = activation([1, side, side, 8], "bent")
    model.add(HRM_LOOKUP, inputs: [features, table], outputs: [bent])

    let sum = activation([1, side, side, 8], "sum")
    model.add(
      HRM_BINARY,
      hrm_binary(
        function: Int32(HRM_ADD.rawValue), clamp_min: -128, clamp_max: 127, left_shift: 20,
        multiplier_a: 1 << 30, shift_a: 30, multiplier_b: 1 << 30, shift_b: 30,
        multiplier: 1 << 30, shift: 51),
      inputs: [features, bent], outputs: [sum])

    let peaks = activation([1, side / 2, side / 2, 8], "peaks")
    model.add(
      HRM_POOL2D,
      hrm_pool2d(
        function: Int32(HRM_MAX_POOL.rawValue), kernel_h: 2, kernel_w: 2, stride_h: 2, stride_w: 2,
        dilation_h: 1, dilation_w: 1, pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0,
        count_include_pad: 0, clamp_min: -128, clamp_max: 127, multiplier: 0, shift: 0),
      inputs: [sum], outputs: [peaks])

    let flat = activation([1, side * side * 2], "flat")
    model.add(HRM_RESHAPE, inputs: [peaks], outputs: [flat])

    let weights = model.tensor(
      HRM_INT8, [1, side * side / 2, 8, 4], constant: int8(pattern(side * side * 16, 60)))
    let scores = activation([1, 5], "scores")
    model.add(
      HRM_DENSE, hrm_dense(clamp_min: -128, clamp_max: 127),
      inputs: [flat, weights, bias, requant], outputs: [scores], macs: UInt64(side * side * 10))

    let normalization = model.tensor(HRM_INT8, [3, 256], constant: int8(pattern(768, 127)))
    var frame = hrm_frame_input()
    frame.table = normalization
    frame.color = UInt8(HRM_RGB.rawValue)
    frame.fit = UInt8(HR_FIT_CROP.rawValue)
    model.frameInputs = [frame]
    model.inputs = [picture]
    model.outputs = [scores, peaks]
    model.metadata = [("name", "network")]
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

  init(
    _ bytes: [UInt8], operators: UnsafePointer<hr_operators>? = hr_operators_all()
  ) throws {
    file = AlignedBytes(bytes)
    var error = emptyError()
    let status = hr_model_open_with(&model, file.base, file.count, operators, &error)
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
