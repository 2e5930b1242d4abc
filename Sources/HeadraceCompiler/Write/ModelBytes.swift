import CHeadrace

/// The bytes of a `.hrm` file, as `hrm.h` lays them out.
struct ModelBytes {
  private var file = [UInt8](repeating: 0, count: Int(HRM_HEADER_BYTES))
  private var strings = StringTable()
  private var constants = ConstantPool()
  private let limit: Int

  /// - Parameters:
  ///   - scratchBytes: what the operator that needs most asks for, per thread.
  ///   - limit: the file, and each part of it, is smaller.
  static func assemble(
    _ model: LoweredModel, _ plan: ArenaPlan, scratchBytes: Int, limit: Int = 1 << 32
  ) throws -> [UInt8] {
    var writer = ModelBytes(limit: limit)
    return try writer.assemble(model, plan, scratchBytes)
  }

  private init(limit: Int) { self.limit = limit }

  private mutating func assemble(
    _ model: LoweredModel, _ plan: ArenaPlan, _ scratchBytes: Int
  ) throws -> [UInt8] {
    let operators = plan.order.map { model.operators[$0] }
    let tensors = try tensorRecords(model, plan, operators)
    var operands: [UInt32] = []
    let operatorRecords = try operators.map { try record($0, &operands) }
    let interface = (model.inputs + model.outputs).map(UInt32.init)
    let metadata = model.metadata.sorted { $0.key < $1.key }.map { entry in
      hrm_metadata(
        key: strings.add(entry.key), value: strings.add(entry.value),
        value_bytes: UInt32(entry.value.utf8.count), reserved: 0)
    }
    let frames = model.frameInputs.map(record)

    var header = hrm_header()
    header.magic = (0x89, 0x48, 0x52, 0x4d, 0x0d, 0x0a, 0x1a, 0x0a)
    header.version_major = UInt16(HRM_VERSION_MAJOR)
    header.version_minor = lowestMinorVersion(model)
    header.header_bytes = UInt32(HRM_HEADER_BYTES)
    header.arena_bytes = UInt64(plan.arenaBytes)
    header.macs = UInt64(model.macs)
    header.constants_bytes = UInt64(constants.bytes.count)
    header.scratch_bytes = UInt32(align(scratchBytes))
    header.flags = model.usesFloat ? UInt32(HRM_USES_FLOAT) : 0
    header.tensor_count = UInt32(tensors.count)
    header.operator_count = UInt32(operatorRecords.count)
    header.operand_count = UInt32(operands.count)
    header.input_count = UInt32(model.inputs.count)
    header.output_count = UInt32(model.outputs.count)
    header.metadata_count = UInt32(metadata.count)
    header.frame_input_count = UInt32(frames.count)
    header.strings_bytes = UInt32(strings.bytes.count)
    header.tensors_offset = try section(bytes(of: tensors))
    header.operators_offset = try section(bytes(of: operatorRecords))
    header.operands_offset = try section(bytes(of: operands))
    header.interface_offset = try section(bytes(of: interface))
    header.metadata_offset = try section(bytes(of: metadata))
    header.frame_inputs_offset = try section(bytes(of: frames))
    header.strings_offset = try section(strings.bytes)
    header.constants_offset = try section(constants.bytes)
    header.file_bytes = UInt64(file.count)
    header.body_crc = file[Int(HRM_HEADER_BYTES)...].withUnsafeBytes { crc32c($0) }
    header.header_crc = withUnsafeBytes(of: header) { crc32c($0) }
    withUnsafeBytes(of: header) { file.replaceSubrange(0..<$0.count, with: $0) }
    return file
  }

  /// Appends a section at the next aligned place and returns that.
  private mutating func section(_ content: [UInt8]) throws -> UInt32 {
    file += Array(repeating: 0, count: align(file.count) - file.count)
    let offset = file.count
    file += content
    guard file.count < limit else { throw tooLarge }
    return UInt32(offset)
  }

  private var tooLarge: CompilerError {
    CompilerError(
      "the model would be 4 GiB or larger, which .hrm files cannot be; compile the network with --type int8, or"
        + " in parts")
  }

  // MARK: Records

  private mutating func tensorRecords(
    _ model: LoweredModel, _ plan: ArenaPlan, _ operators: [LoweredModel.Operator]
  ) throws -> [hrm_tensor] {
    var producers: [Int: Int] = [:]
    for (index, op) in operators.enumerated() {
      for output in op.outputs { producers[output] = index }
    }
    var records: [hrm_tensor] = []
    for (index, tensor) in model.tensors.enumerated() {
      guard tensor.byteCount < limit else {
        throw CompilerError("holds 4 GiB or more", at: tensor.name)
      }
      var record = hrm_tensor()
      record.type = UInt8(tensor.format.type.rawValue)
      record.rank = UInt8(tensor.dims.count)
      record.flags = tensor.channelsFirstSource ? UInt8(HRM_CHANNELS_FIRST_SOURCE) : 0
      let dims = (tensor.dims + Array(repeating: 1, count: Int(HRM_MAX_RANK) - tensor.dims.count))
        .map(UInt32.init)
      record.dims = (dims[0], dims[1], dims[2], dims[3], dims[4], dims[5])
      record.bytes = UInt32(tensor.byteCount)
      record.producer = producers[index].map(UInt32.init) ?? HRM_NONE
      record.name = strings.add(tensor.isConstant ? "" : tensor.name)
      record.scale = tensor.format.scale
      record.zero_point = Int32(tensor.format.zeroPoint)
      record.channel_scales = HRM_NONE
      record.source_rank = UInt32(tensor.sourceRank)
      if let data = tensor.data {
        record.storage = UInt8(HRM_CONSTANT.rawValue)
        let offset = constants.add(data)
        guard constants.bytes.count < limit else { throw tooLarge }
        record.offset = UInt32(offset)
      } else {
        record.storage = UInt8(HRM_ARENA.rawValue)
        record.offset = UInt32(plan.offsets[index] ?? 0)
      }
      records.append(record)
    }
    return records
  }

  private func record(
    _ op: LoweredModel.Operator, _ operands: inout [UInt32]
  ) throws -> hrm_operator {
    var record = hrm_operator()
    record.code = UInt16(op.code.rawValue)
    guard let inputCount = UInt16(exactly: op.inputs.count) else {
      throw CompilerError(
        "has \(op.inputs.count) operands; an operator takes at most \(UInt16.max), so join them in steps",
        at: op.name)
    }
    record.input_count = inputCount
    record.output_count = UInt16(op.outputs.count)
    record.first_operand = UInt32(operands.count)
    record.macs = UInt64(op.macs)
    withUnsafeMutableBytes(of: &record.params) { target in
      op.parameters.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    operands += op.inputs.map { $0.map(UInt32.init) ?? HRM_NONE } + op.outputs.map(UInt32.init)
    return record
  }

  /// Of the versions that have what the model uses, so that older libraries read what they can.
  private func lowestMinorVersion(_ model: LoweredModel) -> UInt16 {
    model.operators.contains { $0.code == HRM_WINOGRAD_CONV2D } ? 1 : 0
  }

  private func record(_ frame: LoweredModel.FrameInput) -> hrm_frame_input {
    var record = hrm_frame_input()
    record.input = UInt32(frame.input)
    record.table = UInt32(frame.table)
    record.color =
      switch frame.picture.color {
      case .rgb: UInt8(HRM_RGB.rawValue)
      case .bgr: UInt8(HRM_BGR.rawValue)
      case .gray: UInt8(HRM_GRAY.rawValue)
      }
    record.fit =
      switch frame.picture.fit {
      case .stretch: UInt8(HR_FIT_STRETCH.rawValue)
      case .crop: UInt8(HR_FIT_CROP.rawValue)
      case .letterbox: UInt8(HR_FIT_LETTERBOX.rawValue)
      }
    record.filter = UInt8(HR_FILTER_AUTO.rawValue)
    return record
  }
}

/// NUL-terminated strings, each once.
private struct StringTable {
  var bytes: [UInt8] = [0]
  private var offsets = ["": UInt32(0)]

  mutating func add(_ text: String) -> UInt32 {
    if let known = offsets[text] { return known }
    let offset = UInt32(bytes.count)
    bytes += Array(text.utf8) + [0]
    offsets[text] = offset
    return offset
  }
}

/// Constants, each at an aligned place, equal ones once.
private struct ConstantPool {
  var bytes: [UInt8] = []
  private var offsets: [[UInt8]: Int] = [:]

  mutating func add(_ data: [UInt8]) -> Int {
    if let known = offsets[data] { return known }
    let offset = align(bytes.count)
    bytes += Array(repeating: 0, count: offset - bytes.count) + data
    offsets[data] = offset
    return offset
  }
}

/// `count` rounded up to the alignment of sections, constants and arena tensors.
func align(_ count: Int) -> Int {
  let alignment = Int(HRM_ALIGNMENT)
  return (count + alignment - 1) / alignment * alignment
}

private func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  hr_crc32c(bytes.baseAddress, bytes.count)
}

/// CRC-32C of a file's bytes, as 8 hexadecimal digits.
public func checksum(_ bytes: [UInt8]) -> String {
  hexadecimal(bytes.withUnsafeBytes { crc32c($0) })
}

func hexadecimal(_ word: UInt32) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
