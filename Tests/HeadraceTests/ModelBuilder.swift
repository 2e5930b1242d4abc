import CHeadrace

@testable import Headrace

/// Writes .hrm files in memory. Independent of the compiler's writer and of the library's reader, so
/// that tests of either compare with FORMAT.md and not with each other. Arena tensors get an extent
/// each, in the order they are added; records stay open for tests to damage.
struct ModelBuilder {
  /// The operator has no parameters.
  struct NoParameters: BitwiseCopyable {}

  var tensors: [hrm_tensor] = []
  var operators: [hrm_operator] = []
  var operands: [UInt32] = []
  var inputs: [UInt32] = []
  var outputs: [UInt32] = []
  var metadata: [(key: String, value: String)] = []
  var frameInputs: [hrm_frame_input] = []
  var constants: [UInt8] = []
  var arenaBytes = 0
  /// nil: what the operators ask for.
  var scratchBytes: Int?
  private var strings: [UInt8] = [0]

  /// Adds a tensor and returns its index: a constant if it comes with bytes, else in the arena.
  mutating func tensor(
    _ type: hrm_type, _ dims: [Int], constant: [UInt8]? = nil, scale: Float = 0,
    zeroPoint: Int32 = 0, name: String? = nil
  ) -> UInt32 {
    var record = hrm_tensor()
    record.type = UInt8(type.rawValue)
    record.rank = UInt8(dims.count)
    record.dims = (1, 1, 1, 1, 1, 1)
    withUnsafeMutableBytes(of: &record.dims) { raw in
      for (axis, dim) in dims.enumerated() {
        raw.storeBytes(of: UInt32(dim), toByteOffset: 4 * axis, as: UInt32.self)
      }
    }
    record.bytes = UInt32(dims.reduce(1, *) * record.elementBytes)
    record.producer = HRM_NONE
    record.name = string(name ?? "t\(tensors.count)")
    record.scale = scale
    record.zero_point = zeroPoint
    record.channel_scales = HRM_NONE
    record.source_rank = UInt32(dims.count)
    if let constant {
      record.storage = UInt8(HRM_CONSTANT.rawValue)
      record.offset = UInt32(constants.count)
      constants += constant
      pad(&constants)
    } else {
      record.storage = UInt8(HRM_ARENA.rawValue)
      record.offset = UInt32(arenaBytes)
      arenaBytes += (Int(record.bytes) + 63) & ~63
    }
    tensors.append(record)
    return UInt32(tensors.count - 1)
  }

  mutating func add<Parameters: BitwiseCopyable>(
    _ code: hrm_code, _ parameters: Parameters, inputs: [UInt32?], outputs: [UInt32],
    macs: UInt64 = 0
  ) {
    var record = hrm_operator()
    record.code = UInt16(code.rawValue)
    record.input_count = UInt16(inputs.count)
    record.output_count = UInt16(outputs.count)
    record.first_operand = UInt32(operands.count)
    record.macs = macs
    withUnsafeBytes(of: parameters) { source in
      withUnsafeMutableBytes(of: &record.params) { $0.copyMemory(from: source) }
    }
    operands += inputs.map { $0 ?? HRM_NONE } + outputs
    for output in outputs { tensors[Int(output)].producer = UInt32(operators.count) }
    operators.append(record)
  }

  mutating func add(_ code: hrm_code, inputs: [UInt32?], outputs: [UInt32]) {
    add(code, NoParameters(), inputs: inputs, outputs: outputs)
  }

  /// The finished file.
  func file() -> [UInt8] {
    let file = file(scratchBytes: scratchBytes ?? 0)
    guard scratchBytes == nil else { return file }
    let memory = AlignedBytes(file)
    let view = ModelView(base: memory.base)
    var needed = 0
    for index in operators.indices {
      guard (try? Operators.verify(view[operator: index])) != nil else { continue }
      needed = max(needed, Operators.scratchBytes(view[operator: index]))
    }
    return needed == 0 ? file : self.file(scratchBytes: (needed + 63) & ~63)
  }

  private func file(scratchBytes: Int) -> [UInt8] {
    var builder = self
    let metadataRecords = metadata.map { entry in
      hrm_metadata(
        key: builder.string(entry.key), value: builder.string(entry.value),
        value_bytes: UInt32(entry.value.utf8.count), reserved: 0)
    }
    var header = hrm_header()
    header.magic = (0x89, 0x48, 0x52, 0x4d, 0x0d, 0x0a, 0x1a, 0x0a)
    header.version_major = UInt16(HRM_VERSION_MAJOR)
    header.version_minor =
      operators.contains { UInt32($0.code) == HRM_WINOGRAD_CONV2D.rawValue } ? 1 : 0
    header.header_bytes = UInt32(HRM_HEADER_BYTES)
    header.arena_bytes = UInt64(arenaBytes)
    header.macs = operators.reduce(0) { $0 + $1.macs }
    header.constants_bytes = UInt64(constants.count)
    header.scratch_bytes = UInt32(scratchBytes)
    let usesFloat = operands.contains { $0 < tensors.count && tensors[Int($0)].isFloat }
    header.flags = usesFloat ? UInt32(HRM_USES_FLOAT) : 0
    header.tensor_count = UInt32(tensors.count)
    header.operator_count = UInt32(operators.count)
    header.operand_count = UInt32(operands.count)
    header.input_count = UInt32(inputs.count)
    header.output_count = UInt32(outputs.count)
    header.metadata_count = UInt32(metadata.count)
    header.frame_input_count = UInt32(frameInputs.count)
    header.strings_bytes = UInt32(builder.strings.count)

    var file = [UInt8](repeating: 0, count: Int(HRM_HEADER_BYTES))
    func section(_ content: [UInt8]) -> UInt32 {
      pad(&file)
      defer { file += content }
      return UInt32(file.count)
    }
    header.tensors_offset = section(bytes(of: tensors))
    header.operators_offset = section(bytes(of: operators))
    header.operands_offset = section(bytes(of: operands))
    header.interface_offset = section(bytes(of: inputs + outputs))
    header.metadata_offset = section(bytes(of: metadataRecords))
    header.frame_inputs_offset = section(bytes(of: frameInputs))
    header.strings_offset = section(builder.strings)
    header.constants_offset = section(constants)
    header.file_bytes = UInt64(file.count)
    withUnsafeBytes(of: header) { file.replaceSubrange(0..<$0.count, with: $0) }
    ModelBuilder.seal(&file)
    return file
  }

  /// Puts the checksums right, so that a test of what stands behind them gets there. By the library's
  /// own function, which ApiTests compares with `crc32c`, because tests do this thousands of times.
  static func seal(_ file: inout [UInt8]) {
    let headerBytes = Int(HRM_HEADER_BYTES)
    let body = file.withUnsafeBytes {
      hr_crc32c($0.baseAddress! + headerBytes, $0.count - headerBytes)
    }
    store(body, at: 20, in: &file)
    store(0, at: 16, in: &file)
    store(hr_crc32c(file, headerBytes), at: 16, in: &file)
  }

  /// CRC-32C, bit by bit from its definition (polynomial 0x1edc6f41, reflected).
  static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
    }
    return ~crc
  }

  private static func store(_ value: UInt32, at offset: Int, in file: inout [UInt8]) {
    file.replaceSubrange(offset..<offset + 4, with: bytes(of: [value]))
  }

  private func pad(_ bytes: inout [UInt8]) {
    bytes += [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64)
  }

  private mutating func string(_ text: String) -> UInt32 {
    defer { strings += Array(text.utf8) + [0] }
    return UInt32(strings.count)
  }
}
