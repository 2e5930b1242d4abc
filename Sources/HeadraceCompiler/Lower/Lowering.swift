import CHeadrace

/// Turns a channels-last graph into operators, and real arithmetic into fixed point where the graph's
/// quantization asks for it.
///
/// A node runs in fixed point if its output is quantized and all its activation inputs are (constants
/// count as such); else it runs in float. A value may so be wanted in several formats: it is converted
/// where it is first wanted in another, once.
struct Lowering {
  /// How the model's inputs and outputs are stored.
  enum Interface: String, CaseIterable, Sendable {
    case float32
    /// As the first operator reads and the last one writes them.
    case quantized
  }

  let graph: Graph
  var model = LoweredModel()
  /// The tensors that hold each value, by format.
  private var tensors: [Graph.ValueID: [ElementFormat: Int]] = [:]
  /// The format that a value was made in.
  private var origins: [Graph.ValueID: ElementFormat] = [:]

  static func lower(_ graph: Graph, interface: Interface = .quantized) throws -> LoweredModel {
    var lowering = Lowering(
      graph: interface == .quantized ? graph.withoutBorderConversions() : graph)
    try lowering.run(interface)
    return lowering.model
  }

  private init(graph: Graph) { self.graph = graph }

  private mutating func run(_ interface: Interface) throws {
    guard graph.layout == .channelsLast else {
      throw CompilerError("the graph is not channels-last; run the layout pass first")
    }
    model.metadata = graph.metadata
    model.notes = graph.notes
    for id in graph.inputs {
      let format = interface == .float32 ? .float : declaredFormat(id)
      let tensor = try addActivation(id, format)
      model.inputs.append(tensor)
    }
    for node in graph.nodes { try lower(node) }
    for id in graph.outputs {
      let format = interface == .float32 ? .float : declaredFormat(id)
      model.outputs.append(try output(id, as: format))
    }
    try addFrameInputs()
  }

  private mutating func lower(_ node: Node) throws {
    switch node.operation {
    case .quantize, .dequantize:
      let format = declaredFormat(node.outputs[0])
      bind(node.outputs[0], to: try tensor(node.inputs[0]!, as: format, for: node), format)
    case .convolution(let convolution): try lower(convolution, node)
    case .transposedConvolution(let convolution): try lower(transposed: convolution, node)
    case .dense(let clamp): try lowerDense(node, clamp)
    case .matrixProduct(let a, let b, let clamp):
      try lowerMatrixProduct(node, transposeA: a, transposeB: b, clamp)
    case .pool(let pool): try lower(pool, node)
    case .unary(let unary): try lower(unary, node)
    case .prelu: try lowerPRelu(node)
    case .binary(let binary, let clamp): try lower(binary, node, clamp)
    case .softmax(let axis): try lowerSoftmax(node, axis: axis)
    case .concat(let axis): try lowerConcat(node, axis: axis)
    case .slice(let begin, let step):
      try move(node, HRM_SLICE, words(begin) + words(step))
    case .pad(let mode, let before, _, let value):
      try lowerPad(node, mode, before: before, value: value)
    case .reshape: try move(node, HRM_RESHAPE, [])
    case .transpose(let permutation): try move(node, HRM_TRANSPOSE, words(permutation))
    case .reduce(let reduction, let axes): try lower(reduction, axes: axes, node)
    case .resize(let resize): try lower(resize, node)
    case .depthToSpace(let block, let columnRowDepth):
      try move(
        node, HRM_DEPTH_TO_SPACE,
        parameterWords(hrm_block(block: Int32(block), column_row_depth: columnRowDepth ? 1 : 0)))
    case .spaceToDepth(let block):
      try move(
        node, HRM_SPACE_TO_DEPTH,
        parameterWords(hrm_block(block: Int32(block), column_row_depth: 0)))
    case .layerNorm(let axes, let epsilon):
      try lowerNorm(node, HRM_LAYER_NORM, axes: axes, groups: 0, epsilon: epsilon)
    case .groupNorm(let groups, let epsilon):
      try lowerNorm(node, HRM_GROUP_NORM, axes: 0, groups: groups, epsilon: epsilon)
    }
  }

  // MARK: Formats

  /// The format that the graph declares for a value.
  func declaredFormat(_ id: Graph.ValueID) -> ElementFormat {
    ElementFormat(graph.values[id].quantization) ?? .float
  }

  /// The output's format if the node runs in fixed point, else float. `activations` are the positions
  /// of the inputs that must be quantized for that.
  func arithmetic(_ node: Node, activations: [Int] = [0]) -> ElementFormat {
    let format = declaredFormat(node.outputs[0])
    guard !format.isFloat else { return .float }
    for position in activations {
      guard let id = node.inputs[position], graph.values[id].constant == nil else { continue }
      let origin = origins[id] ?? declaredFormat(id)
      if origin.isFloat { return .float }
    }
    return format
  }

  /// The format in which a fixed-point node of `output`'s type reads input `id`: its own if the types
  /// are equal, else the same range in that type.
  func inputFormat(_ id: Graph.ValueID, for output: ElementFormat) throws -> ElementFormat {
    guard !output.isFloat else { return .float }
    if graph.values[id].constant != nil, ElementFormat(graph.values[id].quantization) == nil {
      return try Self.format(
        covering: try reals(id), type: output.type, at: graph.values[id].name)
    }
    let own = origins[id] ?? declaredFormat(id)
    if own.type == output.type { return own }
    let lowest = own.real(own.elementRange.lowerBound)
    let highest = own.real(own.elementRange.upperBound)
    return try Self.format(
      covering: [lowest, highest], type: output.type, at: graph.values[id].name)
  }

  /// The finest format in which zero and all of `reals` can be stored: int8 with a zero point, int16
  /// symmetric. What is too small for any scale is stored as zeros.
  static func format(
    covering reals: [Double], type: hrm_type, at location: String
  ) throws -> ElementFormat {
    let lowest = reals.reduce(0, min)
    let highest = reals.reduce(0, max)
    let step = type == HRM_INT16 ? max(-lowest, highest) / 32767 : (highest - lowest) / 255
    let scale = max(Float(step), .leastNormalMagnitude)
    guard reals.allSatisfy(\.isFinite), scale.isFinite else {
      throw CompilerError(
        "holds values that are infinite, not numbers or too large to quantize; keep the node that"
          + " reads it in float: --float", at: location)
    }
    guard highest > lowest else { return ElementFormat(type: type, scale: 1) }
    guard type != HRM_INT16 else { return ElementFormat(type: type, scale: scale) }
    let zeroPoint = (-128 - lowest / Double(scale)).rounded(.toNearestOrEven)
    return ElementFormat(type: type, scale: scale, zeroPoint: Int(min(max(zeroPoint, -128), 127)))
  }

  // MARK: Tensors

  /// The tensor that holds value `id` in `format`; adds a conversion if there is none yet.
  mutating func tensor(
    _ id: Graph.ValueID, as format: ElementFormat, for node: Node
  ) throws -> Int {
    if let known = tensors[id]?[format] { return known }
    let value = graph.values[id]
    if value.constant != nil {
      let tensor = model.addConstant(
        value.name, format, dims: try dims(value.shape, value.name),
        data: format.encode(try reals(id)))
      tensors[id, default: [:]][format] = tensor
      return tensor
    }
    guard let origin = origins[id], let source = tensors[id]?[origin] else {
      throw CompilerError("reads \(value.name), which nothing has written yet", at: node.name)
    }
    let result = try convert(source, to: format, name: value.name)
    tensors[id, default: [:]][format] = result
    return result
  }

  /// Adds the operator that converts a tensor to another format.
  mutating func convert(_ source: Int, to format: ElementFormat, name: String) throws -> Int {
    let from = model.tensors[source].format
    if from == format { return source }
    var tensor = model.tensors[source]
    tensor.format = format
    tensor.value = nil
    let target = model.add(tensor)
    var parameters: [Int32] = []
    let code: hrm_code
    if from.isFloat {
      code = HRM_QUANTIZE
    } else if format.isFloat {
      code = HRM_DEQUANTIZE
    } else {
      code = HRM_REQUANTIZE
      let factor = try FixedMultiplier(
        Double(from.scale) / Double(format.scale), .word, at: name)
      parameters = parameterWords(
        hrm_requantize(multiplier: factor.multiplier, shift: factor.shift))
    }
    emit(code, name, [source], target, parameters)
    return target
  }

  /// Makes the tensor that `node`'s operator writes, in `format`, and emits the operator. If the value
  /// is declared in another format, a conversion follows.
  mutating func emit(
    _ node: Node, _ code: hrm_code, _ inputs: [Int?], _ format: ElementFormat,
    _ parameters: [Int32], macs: Int = 0
  ) throws {
    let id = node.outputs[0]
    let declared = declaredFormat(id)
    let target = try addActivation(id, format, binds: format == declared)
    emit(code, node.name, inputs, target, parameters, macs: macs)
    guard format != declared else { return }
    if !declared.isFloat && format.isFloat, hasQuantizedInput(node) {
      model.notes.append("\(node.name): computed in float; it has no fixed-point form here")
    }
    let converted = try convert(target, to: declared, name: node.name)
    model.tensors[converted].value = id
    model.tensors[target].value = nil
    bind(id, to: converted, declared)
  }

  mutating func emit(
    _ code: hrm_code, _ name: String, _ inputs: [Int?], _ output: Int, _ parameters: [Int32],
    macs: Int = 0
  ) {
    model.operators.append(
      LoweredModel.Operator(
        name: name, code: code, inputs: inputs, outputs: [output],
        parameters: parameters + Array(repeating: 0, count: 16 - parameters.count), macs: macs))
  }

  private func hasQuantizedInput(_ node: Node) -> Bool {
    node.inputs.contains { $0.flatMap { origins[$0] }.map { !$0.isFloat } ?? false }
  }

  private mutating func addActivation(
    _ id: Graph.ValueID, _ format: ElementFormat, binds: Bool = true
  ) throws -> Int {
    let value = graph.values[id]
    let tensor = model.add(
      LoweredModel.Tensor(
        name: value.name, format: format, dims: try dims(value.shape, value.name),
        channelsFirstSource: value.channelsFirstSource,
        sourceRank: value.sourceRank ?? value.shape.count, value: id))
    if binds { bind(id, to: tensor, format) }
    return tensor
  }

  private mutating func bind(_ id: Graph.ValueID, to tensor: Int, _ format: ElementFormat) {
    tensors[id, default: [:]][format] = tensor
    origins[id] = format
  }

  /// An activation that has no value in the graph: a step between two operators of one node.
  mutating func addIntermediate(_ name: String, _ shape: [Int], _ format: ElementFormat) -> Int {
    model.add(
      LoweredModel.Tensor(name: name, format: format, dims: shape, sourceRank: shape.count))
  }

  /// The tensor of a model output, a constant copied into the arena.
  private mutating func output(_ id: Graph.ValueID, as format: ElementFormat) throws -> Int {
    let value = graph.values[id]
    let node = Node(name: value.name, .reshape, inputs: [id], outputs: [id])
    var result = try tensor(id, as: format, for: node)
    if model.tensors[result].isConstant || model.inputs.contains(result)
      || model.outputs.contains(result)
    {
      var copy = model.tensors[result]
      copy.data = nil
      let target = model.add(copy)
      emit(HRM_RESHAPE, value.name, [result], target, [])
      result = target
    }
    model.tensors[result].name = value.name
    model.tensors[result].channelsFirstSource = value.channelsFirstSource
    model.tensors[result].sourceRank = value.sourceRank ?? value.shape.count
    return result
  }

  /// A constant's real numbers.
  func reals(_ id: Graph.ValueID) throws -> [Double] {
    let value = graph.values[id]
    switch value.constant {
    case .float(let elements): return elements.map(Double.init)
    case .int64(let elements): return elements.map(Double.init)
    case .quantized(let elements):
      guard let quantization = value.quantization else { return elements.map(Double.init) }
      let scales = quantization.scales
      let zeroPoint = Int32(quantization.zeroPoint)
      guard let axis = quantization.axis, scales.count > 1 else {
        return elements.map { Double(scales[0]) * Double($0 - zeroPoint) }
      }
      let stride = value.shape[(axis + 1)...].reduce(1, *)
      return elements.enumerated().map { index, element in
        Double(scales[index / stride % scales.count]) * Double(element - zeroPoint)
      }
    case nil:
      throw CompilerError("\(value.name) must be known when compiling", at: value.name)
    }
  }

  func dims(_ shape: [Int], _ name: String) throws -> [Int] {
    let dims = shape.isEmpty ? [1] : shape
    guard dims.count <= Int(HRM_MAX_RANK) else {
      throw CompilerError("has \(dims.count) axes; at most \(HRM_MAX_RANK) are supported", at: name)
    }
    guard dims.allSatisfy({ (1..<(1 << 31)).contains($0) }) else {
      throw CompilerError("has the shape \(shape); every extent must be at least 1", at: name)
    }
    return dims
  }

  func shape(_ id: Graph.ValueID?) -> [Int] { graph.values[id!].shape }

  /// Six words of a per-axis parameter.
  func words(_ perAxis: [Int]) -> [Int32] {
    perAxis.map(Int32.init) + Array(repeating: 0, count: Int(HRM_MAX_RANK) - perAxis.count)
  }
}
