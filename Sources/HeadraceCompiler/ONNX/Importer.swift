/// Turns ONNX nodes into operations, in the order of the file, which ONNX requires to be one in which
/// they can run.
struct Importer {
  typealias ValueID = Graph.ValueID

  var graph = Graph()
  let opset: Int
  let decoder: TensorDecoder
  /// ONNX's names of the values made so far.
  var names: [String: ValueID] = [:]
  /// What each value holds: `.float`, an integer type of a constant, or that of quantized elements.
  var types: [ValueID: Onnx_TensorProto.DataType] = [:]
  private var foldedElements = 0

  init(opset: Int, decoder: TensorDecoder) {
    self.opset = opset
    self.decoder = decoder
  }

  mutating func define(_ name: String, _ value: ValueID) throws {
    guard !name.isEmpty else { throw CompilerError("a value has no name") }
    guard names.updateValue(value, forKey: name) == nil else {
      throw CompilerError("two nodes, inputs or initializers define it", at: "value \(name)")
    }
  }

  mutating func addConstant(
    _ constant: Constant, shape: [Int], name: String, type: Onnx_TensorProto.DataType
  ) -> ValueID {
    let value = graph.add(Value(name: name, shape: shape, constant: constant))
    if case .float = constant { types[value] = .float } else { types[value] = type }
    return value
  }

  /// A constant that a handler computed; counts against the limits.
  mutating func fold(
    _ constant: Constant, shape: [Int], type: Onnx_TensorProto.DataType, _ node: OnnxNode
  ) throws -> ValueID {
    try reserve(shape, node)
    return addConstant(constant, shape: shape, name: node.name, type: type)
  }

  /// Throws unless a constant of this shape may be computed; call before allocating it.
  mutating func reserve(_ shape: [Int], moving: Bool = false, _ node: OnnxNode) throws {
    guard let count = Limits.elementCount(shape), moving || count <= Limits.foldedElements,
      foldedElements + count <= Limits.foldedElementsInAll
    else {
      throw node.error(
        "a constant of shape \(shape) would have to be computed; the limit is "
          + "\(Limits.foldedElements) elements, \(Limits.foldedElementsInAll) in all")
    }
    foldedElements += count
  }

  mutating func floats(_ values: [Float], shape: [Int], _ node: OnnxNode) throws -> ValueID {
    try fold(.float(values), shape: shape, type: .float, node)
  }

  // MARK: Operands

  func optionalInput(_ node: OnnxNode, _ index: Int) throws -> ValueID? {
    guard index < node.proto.input.count, !node.proto.input[index].isEmpty else { return nil }
    guard let value = names[node.proto.input[index]] else {
      throw node.error(
        "its input '\(node.proto.input[index])' is computed nowhere before it")
    }
    return value
  }

  func input(_ node: OnnxNode, _ index: Int) throws -> ValueID {
    guard let value = try optionalInput(node, index) else {
      throw node.error("input \(index) is missing")
    }
    return value
  }

  func shape(_ value: ValueID) -> [Int] { graph.values[value].shape }

  func isConstant(_ value: ValueID) -> Bool { graph.values[value].constant != nil }

  /// The elements of a constant float operand; quantized ones as the real numbers they stand for.
  func constantFloats(_ value: ValueID, _ role: String, _ node: OnnxNode) throws -> [Float] {
    guard let floats = graph.values[value].realElements else {
      throw node.error("its \(role) must be a floating-point constant")
    }
    return floats
  }

  /// The elements of a constant integer operand.
  func constantInts(_ value: ValueID, _ role: String, _ node: OnnxNode) throws -> [Int] {
    guard case .int64(let elements)? = graph.values[value].constant else {
      throw node.error("its \(role) must be an integer constant; fix the network's shapes")
    }
    return elements.map { Int($0) }
  }

  /// The one element of a constant.
  func constantFloat(_ value: ValueID, _ role: String, _ node: OnnxNode) throws -> Float {
    let elements = try constantFloats(value, role, node)
    guard elements.count == 1 else { throw node.error("its \(role) must have one element") }
    return elements[0]
  }

  // MARK: Results

  /// Adds a node, or computes it now if all its operands are constants.
  mutating func emit(
    _ operation: Operation, _ inputs: [ValueID?], shape: [Int], _ node: OnnxNode
  ) throws -> ValueID {
    guard shape.count <= Limits.rank, let count = Limits.elementCount(shape) else {
      throw node.error(
        "its result would have shape \(shape); the limits are rank \(Limits.rank) and "
          + "\(Limits.elements) elements")
    }
    let operands = inputs.compactMap { $0 }
    if operands.allSatisfy(isConstant) {
      try reserve(shape, moving: operation.movesElements, node)
      let values = operands.map { graph.values[$0] }
      if let result = ConstantEvaluation.evaluate(operation, values, shape: shape) {
        let value = addConstant(
          result.constant, shape: shape, name: node.name, type: types[operands[0]] ?? .float)
        graph.values[value].quantization = result.quantization
        return value
      }
    }
    guard count > 0 else { throw node.error("its result would be empty: shape \(shape)") }
    let result = graph.add(Value(name: node.name, shape: shape))
    types[result] = .float
    if let x = operands.first, types[x] != .float {
      guard operation.movesElements, operands.count == 1, !isConstant(x),
        graph.values[x].quantization != nil
      else {
        throw node.error(
          "it takes floating-point operands; integers reach it. Networks are quantized with "
            + "QuantizeLinear and DequantizeLinear around floating-point operators")
      }
      types[result] = types[x]
      graph.values[result].quantization = graph.values[x].quantization
    }
    for operand in operands where types[operand] != .float && operand != operands[0] {
      throw node.error("it takes floating-point operands; integers reach it")
    }
    graph.nodes.append(Node(name: node.name, operation, inputs: inputs, outputs: [result]))
    return result
  }

  /// Gives a node's output its name. The value keeps the name of the first output that it is.
  mutating func bind(_ value: ValueID, _ node: OnnxNode, output index: Int = 0) throws {
    guard index < node.proto.output.count else { throw node.error("it has no output \(index)") }
    let name = node.proto.output[index]
    guard !name.isEmpty else { return }
    if graph.values[value].name == node.name { graph.values[value].name = name }
    try define(name, value)
  }

  /// Optional outputs after the first that only training uses.
  func refuseFurtherOutputs(_ node: OnnxNode) throws {
    for index in node.proto.output.indices.dropFirst() where node.wantsOutput(index) {
      throw node.error("its output \(index) ('\(node.proto.output[index])') is not supported")
    }
  }

  // MARK: Shapes

  mutating func reshape(_ x: ValueID, to shape: [Int], _ node: OnnxNode) throws -> ValueID {
    if self.shape(x) == shape { return x }
    return try emit(.reshape, [x], shape: shape, node)
  }

  mutating func transpose(_ x: ValueID, _ permutation: [Int], _ node: OnnxNode) throws -> ValueID {
    let shape = shape(x)
    return try emit(
      .transpose(permutation: permutation), [x], shape: permutation.map { shape[$0] }, node)
  }

  /// The same tensor with leading axes of extent 1 up to `rank`.
  mutating func raise(_ x: ValueID, to rank: Int, _ node: OnnxNode) throws -> ValueID {
    let shape = shape(x)
    return try reshape(x, to: Array(repeating: 1, count: max(rank - shape.count, 0)) + shape, node)
  }

  /// Runs `body` on N x C x H x W: one-dimensional tensors (N x C x T) get H = 1 and lose it again.
  mutating func onImages(
    _ x: ValueID, _ node: OnnxNode,
    _ body: (inout Importer, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let shape = shape(x)
    guard shape.count == 3 || shape.count == 4 else {
      throw node.error(
        "its input has rank \(shape.count); supported are N x C x T and N x C x H x W")
    }
    if shape.count == 4 { return try body(&self, x) }
    let image = try reshape(x, to: [shape[0], shape[1], 1, shape[2]], node)
    let result = try body(&self, image)
    let extents = self.shape(result)
    return try reshape(result, to: [extents[0], extents[1], extents[3]], node)
  }
}

extension Operation {
  /// Whether the result's elements are operand elements, whatever they mean.
  var movesElements: Bool {
    switch self {
    case .reshape, .transpose, .slice: true
    case .quantize, .dequantize: true
    default: false
    }
  }
}
