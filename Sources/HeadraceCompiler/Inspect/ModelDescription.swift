import CHeadrace

/// What a `.hrm` file holds and needs, as `headrace inspect --json` prints it.
public struct ModelDescription: Encodable {
  public struct Tensor: Encodable {
    public var name: String
    public var type: String
    public var shape: [Int]
    /// nil: not quantized.
    public var scale: Float?
    public var zeroPoint: Int?
    /// Whether the network that was compiled had the channels before the spatial axes.
    public var channelsFirstSource: Bool
  }

  /// How a frame becomes an input.
  public struct FrameInput: Encodable {
    public var input: String
    /// "rgb", "bgr" or "gray".
    public var color: String
    /// "stretch", "crop" or "letterbox".
    public var fit: String
    /// What pixels 0 and 255 become, for each channel.
    public var black: [Float]
    public var white: [Float]
  }

  public struct Operator: Encodable {
    public var index: Int
    public var name: String
    public var output: String
    public var shape: [Int]
    public var type: String
    public var macs: Int
    /// Weights and biases, without padding.
    public var parameters: Int
    /// Of activations that it reads.
    public var inputBytes: Int
    /// Of weights and tables, as they are stored.
    public var weightBytes: Int
    public var arenaOffset: Int
    public var arenaBytes: Int
    /// Whether the output takes an input's memory over.
    public var inPlace: Bool
  }

  public struct Section: Encodable {
    public var name: String
    public var offset: Int
    public var bytes: Int
  }

  /// The header's checksum: the model's identity.
  public var id: String
  public var metadata: [String: String]
  public var inputs: [Tensor]
  public var outputs: [Tensor]
  public var frameInputs: [FrameInput]
  public var operators: [Operator]
  public var sections: [Section]
  public var fileBytes: Int
  public var weightBytes: Int
  public var arenaBytes: Int
  /// The peak of live tensors.
  public var arenaLowerBound: Int
  public var scratchBytes: Int
  /// For one thread.
  public var sessionBytes: Int
  public var macs: Int
  public var parameters: Int
  public var usesFloat: Bool
  /// Times on a board, where one was asked for.
  public var prediction: Prediction?

  /// Throws `CompilerError` with what the runtime's verifier says if it refuses the bytes.
  public init(_ bytes: [UInt8]) throws {
    do {
      try self.init(LoadedModel(bytes))
    } catch let error as RuntimeError {
      throw CompilerError("\(error)")
    }
  }

  private init(_ model: LoadedModel) throws {
    let header = model.header
    var handle = model.model
    var requirements = hr_requirements()
    requirements.struct_size = UInt32(MemoryLayout<hr_requirements>.size)
    try RuntimeError.check { _ in hr_model_get_requirements(&handle, &requirements) }
    id = hexadecimal(header.header_crc)
    metadata = Dictionary(
      model.metadata.map { (model.string($0.key), model.string($0.value)) },
      uniquingKeysWith: { first, _ in first })
    let interface = model.interface.map { Tensor(model.tensors[Int($0)], model) }
    inputs = Array(interface.prefix(Int(header.input_count)))
    outputs = Array(interface.dropFirst(Int(header.input_count)))
    frameInputs = model.frameInputs.map { FrameInput($0, model) }
    let view = OperatorNames(model)
    operators = model.operators.enumerated().map { index, op in
      let output = model.tensors[Int(model.outputs(op)[0])]
      return Operator(
        index: index, name: view.name(index), output: model.string(output.name),
        shape: output.shape, type: hrm_type(rawValue: UInt32(output.type)).name,
        macs: Int(op.macs), parameters: LoadedOperatorParameters.count(op, model),
        inputBytes: model.operandBytes(op, constants: false),
        weightBytes: model.operandBytes(op, constants: true),
        arenaOffset: Int(output.offset), arenaBytes: Int(output.bytes),
        inPlace: model.inputs(op).contains {
          $0 != HRM_NONE && !model.tensors[Int($0)].isConstantTensor
            && model.tensors[Int($0)].offset == output.offset
        })
    }
    sections = [
      Section(name: "header", offset: 0, bytes: Int(HRM_HEADER_BYTES)),
      Section(name: "tensors", offset: Int(header.tensors_offset), bytes: model.tensors.count * 64),
      Section(
        name: "operators", offset: Int(header.operators_offset),
        bytes: model.operators.count * 96),
      Section(
        name: "operands", offset: Int(header.operands_offset), bytes: model.operands.count * 4),
      Section(
        name: "interface", offset: Int(header.interface_offset), bytes: model.interface.count * 4),
      Section(
        name: "metadata", offset: Int(header.metadata_offset), bytes: model.metadata.count * 16),
      Section(
        name: "frame inputs", offset: Int(header.frame_inputs_offset),
        bytes: model.frameInputs.count * 16),
      Section(
        name: "strings", offset: Int(header.strings_offset), bytes: Int(header.strings_bytes)),
      Section(
        name: "constants", offset: Int(header.constants_offset),
        bytes: Int(header.constants_bytes)),
    ]
    fileBytes = Int(header.file_bytes)
    weightBytes = Int(header.constants_bytes)
    arenaBytes = Int(header.arena_bytes)
    arenaLowerBound = model.peakOfLiveTensors
    scratchBytes = Int(header.scratch_bytes)
    sessionBytes = Int(requirements.session_bytes)
    macs = Int(header.macs)
    parameters = operators.reduce(0) { $0 + $1.parameters }
    usesFloat = requirements.uses_float == 1
  }
}

extension ModelDescription.FrameInput {
  init(_ record: hrm_frame_input, _ model: LoadedModel) {
    let tensor = model.tensors[Int(model.interface[Int(record.input)])]
    input = model.string(tensor.name)
    color = [HRM_RGB: "rgb", HRM_BGR: "bgr"][hrm_color(UInt32(record.color))] ?? "gray"
    fit =
      [HR_FIT_STRETCH: "stretch", HR_FIT_CROP: "crop"][hr_fit(UInt32(record.fit))] ?? "letterbox"
    let table = model.tensors[Int(record.table)]
    let channels = table.shape[0]
    black = (0..<channels).map { model.real(table, at: $0 * 256, as: tensor) }
    white = (0..<channels).map { model.real(table, at: $0 * 256 + 255, as: tensor) }
  }
}

extension LoadedModel {
  /// Element `index` of a constant as the number that it stands for in `tensor`.
  fileprivate func real(_ constant: hrm_tensor, at index: Int, as tensor: hrm_tensor) -> Float {
    let data = base + Int(header.constants_offset) + Int(constant.offset)
    let element: Float =
      switch hrm_type(UInt32(constant.type)) {
      case HRM_INT8: Float(data.load(fromByteOffset: index, as: Int8.self))
      case HRM_INT16: Float(data.load(fromByteOffset: 2 * index, as: Int16.self))
      default: data.load(fromByteOffset: 4 * index, as: Float.self)
      }
    return tensor.scale == 0 ? element : (element - Float(tensor.zero_point)) * tensor.scale
  }
}

extension ModelDescription.Tensor {
  init(_ tensor: hrm_tensor, _ model: LoadedModel) {
    name = model.string(tensor.name)
    let type = hrm_type(rawValue: UInt32(tensor.type))
    self.type = type.name
    shape = tensor.shape
    scale = tensor.scale == 0 ? nil : tensor.scale
    zeroPoint = tensor.scale == 0 ? nil : Int(tensor.zero_point)
    channelsFirstSource = tensor.flags & UInt8(HRM_CHANNELS_FIRST_SOURCE) != 0
  }
}

extension LoadedModel {
  /// Bytes of the inputs that are constants, or those that are not.
  fileprivate func operandBytes(_ op: hrm_operator, constants: Bool) -> Int {
    inputs(op).filter { $0 != HRM_NONE }.map { tensors[Int($0)] }
      .filter { $0.isConstantTensor == constants }.reduce(0) { $0 + Int($1.bytes) }
  }
}

extension hrm_tensor {
  var shape: [Int] { extents(dims, rank: Int(rank)) }

  var isConstantTensor: Bool { UInt32(storage) == HRM_CONSTANT.rawValue }
}

extension hrm_type {
  var name: String {
    switch self {
    case HRM_FLOAT32: "float32"
    case HRM_INT8: "int8"
    case HRM_INT16: "int16"
    case HRM_INT32: "int32"
    case HRM_INT64: "int64"
    default: "unknown"
    }
  }
}
