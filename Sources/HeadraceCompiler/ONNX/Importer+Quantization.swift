/// QuantizeLinear and DequantizeLinear. Unsigned 8-bit numbers become signed ones by moving them and
/// their zero point down by 128, which means the same real numbers.
extension Importer {
  private typealias DataType = Onnx_TensorProto.DataType

  mutating func importQuantizeLinear(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let (quantization, type) = try quantization(node, of: x, elementType: nil)
    if let real = graph.values[x].realElements {
      try reserve(shape(x), node)
      let value = graph.add(
        Value(
          name: node.name, shape: shape(x),
          constant: .quantized(quantization.elements(of: real, shape: shape(x)))))
      graph.values[value].quantization = quantization
      types[value] = type
      return try bind(value, node)
    }
    guard quantization.axis == nil else {
      throw node.error("activations can only have one scale; this one has several")
    }
    let result = try emit(.quantize, [x], shape: shape(x), node)
    graph.values[result].quantization = quantization
    types[result] = type
    try bind(result, node)
  }

  mutating func importDequantizeLinear(_ node: OnnxNode) throws {
    let q = try input(node, 0)
    let (quantization, _) = try quantization(node, of: q, elementType: types[q])
    let extents = shape(q)
    if let constant = graph.values[q].constant {
      try reserve(extents, node)
      let result = graph.add(
        Value(
          name: node.name, shape: extents,
          constant: .quantized(try storedElements(constant, of: q, quantization, node))))
      graph.values[result].quantization = quantization
      types[result] = .float
      return try bind(result, node)
    }
    guard quantization.axis == nil else {
      throw node.error("activations can only have one scale; this one has several")
    }
    if let known = graph.values[q].quantization {
      guard known == quantization else {
        throw node.error("its scale and zero point differ from those its input was quantized with")
      }
    } else {
      graph.values[q].quantization = quantization
    }
    let result = graph.add(Value(name: node.name, shape: extents))
    types[result] = .float
    graph.nodes.append(Node(name: node.name, .dequantize, inputs: [q], outputs: [result]))
    try bind(result, node)
  }

  /// The elements of a constant in signed storage. Constants that QuantizeLinear made already are.
  private func storedElements(
    _ constant: Constant, of value: ValueID, _ quantization: Quantization, _ node: OnnxNode
  ) throws -> [Int32] {
    switch constant {
    case .quantized(let elements):
      if graph.values[value].quantization != nil { return elements }
      let shift: Int32 = types[value] == .uint8 ? 128 : 0
      return elements.map { $0 - shift }
    case .int64(let elements):
      return try elements.map {
        guard let element = Int32(exactly: $0) else {
          throw node.error("the integer \($0) has over 32 bits")
        }
        return element
      }
    case .float: throw node.error("its input is not an integer tensor")
    }
  }

  /// Reads scale and zero point. `elementType` is that of the integers, nil if the node makes them.
  private func quantization(
    _ node: OnnxNode, of x: ValueID, elementType: DataType?
  ) throws -> (Quantization, DataType) {
    guard try node.int("block_size") == 0 else {
      throw node.error("quantization in blocks is not supported; use one scale per channel")
    }
    let scales = try constantFloats(input(node, 1), "scale", node)
    guard !scales.isEmpty, scales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw node.error("its scales must be finite and positive")
    }
    let zero = try optionalInput(node, 2)
    var type = elementType ?? .uint8
    if let zero, let zeroType = types[zero] {
      guard elementType == nil || elementType == zeroType else {
        throw node.error("its zero point has another type than its input")
      }
      type = zeroType
    } else if elementType == nil {
      let asked = try node.int("output_dtype")
      if asked != 0 { type = DataType(rawValue: asked) ?? .undefined }
    }
    let storage: Quantization.Storage
    switch type {
    case .int8, .uint8: storage = .int8
    case .int16: storage = .int16
    case .int32 where elementType != nil: storage = .int32
    default:
      throw node.error(
        "quantized type \(type) is not supported; use int8, uint8 or symmetric int16")
    }
    let zeroPoint = try zeroPoint(zero, type, scaleCount: scales.count, node)
    guard storage == .int8 || zeroPoint == 0 else {
      throw node.error("\(type) needs the zero point 0; quantize symmetrically")
    }
    var axis: Int?
    if scales.count > 1 {
      let found = try node.axis(node.int("axis", default: 1), rank: shape(x).count)
      guard shape(x)[found] == scales.count else {
        throw node.error("\(scales.count) scales do not fit axis \(found) of shape \(shape(x))")
      }
      axis = found
    }
    return (
      Quantization(storage: storage, scales: scales, zeroPoint: zeroPoint, axis: axis), type
    )
  }

  private func zeroPoint(
    _ value: ValueID?, _ type: DataType, scaleCount: Int, _ node: OnnxNode
  ) throws -> Int {
    var stored = 0
    if let value {
      let elements: [Int]
      switch graph.values[value].constant {
      case .quantized(let narrow)?: elements = narrow.map { Int($0) }
      case .int64(let wide)?: elements = wide.map { Int($0) }
      default: throw node.error("its zero point must be an integer constant")
      }
      guard let first = elements.first, elements.count == 1 || elements.count == scaleCount else {
        throw node.error("its zero point does not fit its scale")
      }
      guard elements.allSatisfy({ $0 == first }) else {
        throw node.error("zero points that differ between channels are not supported")
      }
      stored = first
    }
    let zeroPoint = type == .uint8 ? stored - 128 : stored
    guard type != .int8 && type != .uint8 || (-128...127).contains(zeroPoint) else {
      throw node.error("the zero point \(stored) is outside its type")
    }
    return zeroPoint
  }
}
