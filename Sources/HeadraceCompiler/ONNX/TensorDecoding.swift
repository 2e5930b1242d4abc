import Foundation

/// An initializer or constant attribute, decoded: floating-point types become float32, 32- and 64-bit
/// integers and booleans int64, narrow integers `quantized` elements whose meaning a
/// DequantizeLinear will give.
struct DecodedTensor {
  var shape: [Int]
  var constant: Constant
  var type: Onnx_TensorProto.DataType
}

/// Reads tensors; `directory` is where external data may lie, nil if none may be read.
struct TensorDecoder {
  var directory: URL?

  func decode(_ tensor: Onnx_TensorProto, at location: String) throws -> DecodedTensor {
    guard let type = Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType)) else {
      throw CompilerError("unknown element type \(tensor.dataType)", at: location)
    }
    guard tensor.dims.count <= Limits.rank else {
      throw CompilerError(
        "rank \(tensor.dims.count) is above the limit of \(Limits.rank)", at: location)
    }
    let shape = tensor.dims.map { Int($0) }
    guard let count = Limits.elementCount(shape) else {
      throw CompilerError(
        "shape \(shape) is negative somewhere or has over \(Limits.elements) elements",
        at: location)
    }
    guard !tensor.hasSegment else {
      throw CompilerError("segmented tensors are not supported", at: location)
    }
    let constant =
      if tensor.dataLocation == .external {
        try raw(externalBytes(tensor, at: location), type, count, location)
      } else if tensor.hasRawData {
        try raw(tensor.rawData, type, count, location)
      } else {
        try typed(tensor, type, count, location)
      }
    return DecodedTensor(shape: shape, constant: constant, type: type)
  }

  private func unsupported(_ type: Onnx_TensorProto.DataType, _ location: String) -> CompilerError {
    CompilerError(
      "element type \(type) is not supported; export float32, float16, or int8 in QDQ form",
      at: location)
  }

  private func raw(
    _ data: Data, _ type: Onnx_TensorProto.DataType, _ count: Int, _ location: String
  ) throws -> Constant {
    let width =
      switch type {
      case .uint8, .int8, .bool: 1
      case .float16, .bfloat16, .int16, .uint16: 2
      case .float, .int32, .uint32: 4
      case .double, .int64: 8
      default: throw unsupported(type, location)
      }
    guard data.count == count * width else {
      throw CompilerError(
        "\(data.count) bytes of data where \(count) elements take \(count * width)", at: location)
    }
    return data.withUnsafeBytes { bytes in
      func load<T: FixedWidthInteger>(_ type: T.Type) -> [T] {
        (0..<count).map {
          T(
            littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
          )
        }
      }
      switch type {
      case .float: return .float(load(UInt32.self).map(Float.init(bitPattern:)))
      case .double:
        return .float(load(UInt64.self).map { Float(Double(bitPattern: $0)) })
      case .float16: return .float(load(UInt16.self).map(float(half:)))
      case .bfloat16: return .float(load(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
      case .int64: return .int64(load(Int64.self))
      case .int32: return .int64(load(Int32.self).map(Int64.init))
      case .uint32: return .int64(load(UInt32.self).map(Int64.init))
      case .bool: return .int64(load(UInt8.self).map { $0 == 0 ? 0 : 1 })
      case .int8: return .quantized(load(Int8.self).map(Int32.init))
      case .uint8: return .quantized(load(UInt8.self).map(Int32.init))
      case .int16: return .quantized(load(Int16.self).map(Int32.init))
      default: return .quantized(load(UInt16.self).map(Int32.init))
      }
    }
  }

  private func typed(
    _ tensor: Onnx_TensorProto, _ type: Onnx_TensorProto.DataType, _ count: Int, _ location: String
  ) throws -> Constant {
    func check(_ given: Int) throws {
      guard given == count else {
        throw CompilerError("\(given) elements where the shape has \(count)", at: location)
      }
    }
    switch type {
    case .float:
      try check(tensor.floatData.count)
      return .float(tensor.floatData)
    case .double:
      try check(tensor.doubleData.count)
      return .float(tensor.doubleData.map { Float($0) })
    case .int64:
      try check(tensor.int64Data.count)
      return .int64(tensor.int64Data)
    case .uint32:
      try check(tensor.uint64Data.count)
      return .int64(tensor.uint64Data.map { Int64(truncatingIfNeeded: $0) })
    case .int32, .bool, .int8, .uint8, .int16, .uint16, .float16, .bfloat16:
      try check(tensor.int32Data.count)
      let data = tensor.int32Data
      switch type {
      case .int32: return .int64(data.map(Int64.init))
      case .bool: return .int64(data.map { $0 == 0 ? 0 : 1 })
      case .float16: return .float(data.map { float(half: UInt16(truncatingIfNeeded: $0)) })
      case .bfloat16:
        return .float(data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) })
      case .int8: return .quantized(data.map { Int32(Int8(truncatingIfNeeded: $0)) })
      case .uint8: return .quantized(data.map { Int32(UInt8(truncatingIfNeeded: $0)) })
      case .int16: return .quantized(data.map { Int32(Int16(truncatingIfNeeded: $0)) })
      default: return .quantized(data.map { Int32(UInt16(truncatingIfNeeded: $0)) })
      }
    default:
      throw unsupported(type, location)
    }
  }

  /// The bytes of a tensor that lies in a file beside the network. A path that could leave its folder
  /// is refused.
  private func externalBytes(_ tensor: Onnx_TensorProto, at location: String) throws -> Data {
    var fields: [String: String] = [:]
    for entry in tensor.externalData { fields[entry.key] = entry.value }
    guard let directory else {
      throw CompilerError(
        "the data lie in another file; give the network as a file, with its data beside it",
        at: location)
    }
    let path = fields["location"] ?? ""
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, !path.contains("\\"), !path.contains("\0"),
      parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
    else {
      throw CompilerError(
        "external data at '\(path)' is refused: only a path below the network's folder is read",
        at: location)
    }
    let file = directory.appendingPathComponent(path)
    let root = directory.resolvingSymlinksInPath().path
    guard file.resolvingSymlinksInPath().path.hasPrefix(root.hasSuffix("/") ? root : root + "/")
    else {
      throw CompilerError(
        "external data at '\(path)' is refused: it links outside the network's folder",
        at: location)
    }
    guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else {
      throw CompilerError("cannot read external data file '\(path)'", at: location)
    }
    let offset = fields["offset"].map { Int($0) ?? -1 } ?? 0
    guard offset >= 0, offset <= data.count else {
      throw CompilerError("external data begin beyond the end of '\(path)'", at: location)
    }
    let length = fields["length"].map { Int($0) ?? -1 } ?? (data.count - offset)
    guard length >= 0, length <= data.count - offset else {
      throw CompilerError("external data end beyond the end of '\(path)'", at: location)
    }
    return data.subdata(in: data.startIndex + offset..<data.startIndex + offset + length)
  }
}

/// IEEE 754 binary16 to binary32, exactly.
func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1f)
  let fraction = UInt32(bits & 0x3ff)
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
