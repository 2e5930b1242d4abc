/// Normalisations and softmax.
extension Importer {
  /// Its scale and offset are those of a depthwise convolution with a 1x1 kernel, which a pass merges
  /// into the convolution before it where there is one.
  mutating func importBatchNormalization(_ node: OnnxNode) throws {
    guard try !node.flag("training_mode") else {
      throw node.error("it is in training mode; export for inference")
    }
    try refuseFurtherOutputs(node)
    let x = try input(node, 0)
    let extents = shape(x)
    guard extents.count >= 2 else { throw node.error("its input has no channel axis") }
    let channels = extents[1]
    let names = ["scale", "bias", "mean", "variance"]
    let parameters = try (0..<4).map { index in
      let values = try constantFloats(input(node, index + 1), names[index], node)
      guard values.count == channels else {
        throw node.error(
          "its \(names[index]) has \(values.count) elements for \(channels) channels")
      }
      return values
    }
    let epsilon = Double(try node.float("epsilon", default: 1e-5))
    var scales: [Float] = []
    var offsets: [Float] = []
    for channel in 0..<channels {
      let variance = Double(parameters[3][channel]) + epsilon
      guard variance > 0 else {
        throw node.error("the variance of channel \(channel) is not positive")
      }
      let scale = Double(parameters[0][channel]) / variance.squareRoot()
      scales.append(Float(scale))
      offsets.append(
        Float(Double(parameters[1][channel]) - Double(parameters[2][channel]) * scale))
    }
    if extents.count == 2 {
      let scale = try floats(scales, shape: [1, channels], node)
      let offset = try floats(offsets, shape: [1, channels], node)
      let scaled = try emit(.binary(.mul, clamp: nil), [x, scale], shape: extents, node)
      return try bind(
        emit(.binary(.add, clamp: nil), [scaled, offset], shape: extents, node), node)
    }
    let weights = try floats(scales, shape: [channels, 1, 1, 1], node)
    let bias = try floats(offsets, shape: [channels], node)
    let result = try onImages(x, node) { importer, image in
      var convolution = Convolution()
      convolution.groups = channels
      return try importer.emit(
        .convolution(convolution), [image, weights, bias], shape: importer.shape(image), node)
    }
    try bind(result, node)
  }

  mutating func importInstanceNormalization(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    guard shape(x).count >= 3 else { throw node.error("its input has no spatial axes") }
    try normalizeGroups(x, groups: shape(x)[1], parameters: shape(x)[1], node)
  }

  mutating func importGroupNormalization(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    guard shape(x).count >= 3 else { throw node.error("its input has no spatial axes") }
    let groups = try node.int("num_groups")
    guard groups > 0, shape(x)[1] % groups == 0 else {
      throw node.error("\(shape(x)[1]) channels do not make \(groups) groups")
    }
    // Until opset 20 a scale and a bias belong to a group, since then to a channel.
    try normalizeGroups(x, groups: groups, parameters: opset < 21 ? groups : shape(x)[1], node)
  }

  private mutating func normalizeGroups(
    _ x: ValueID, groups: Int, parameters: Int, _ node: OnnxNode
  ) throws {
    let channels = shape(x)[1]
    guard channels > 0 else { throw node.error("its input of shape \(shape(x)) has no channels") }
    let epsilon = try node.float("epsilon", default: 1e-5)
    let operands = try [1, 2].map { index -> ValueID in
      let values = try constantFloats(input(node, index), index == 1 ? "scale" : "bias", node)
      guard values.count == parameters else {
        throw node.error("\(values.count) scales or biases where \(parameters) belong")
      }
      let each = channels / parameters
      return try floats(
        (0..<channels).map { values[$0 / each] }, shape: [channels], node)
    }
    let result = try onImages(x, node) { importer, image in
      try importer.emit(
        .groupNorm(groups: groups, epsilon: epsilon), [image, operands[0], operands[1]],
        shape: importer.shape(image), node)
    }
    try bind(result, node)
  }

  mutating func importLayerNormalization(_ node: OnnxNode) throws {
    try refuseFurtherOutputs(node)
    let x = try input(node, 0)
    let extents = shape(x)
    let axis = try node.axis(node.int("axis", default: -1), rank: extents.count)
    let normalized = Array(extents[axis...])
    func parameter(_ index: Int, _ role: String, _ importer: inout Importer) throws -> ValueID? {
      guard let operand = try importer.optionalInput(node, index) else { return nil }
      let values = try importer.constantFloats(operand, role, node)
      let source = importer.shape(operand)
      guard try importer.broadcast(source, normalized, node) == normalized else {
        throw node.error("its \(role) of shape \(source) does not fit \(normalized)")
      }
      if source == normalized { return operand }
      try importer.reserve(normalized, node)
      let padded = Array(repeating: 1, count: normalized.count - source.count) + source
      let full = Constant.float(values).strided(
        offset: 0, strides: ConstantEvaluation.broadcastStrides(padded, to: normalized),
        shape: normalized)
      return importer.addConstant(full, shape: normalized, name: node.name, type: .float)
    }
    let gamma = try parameter(1, "scale", &self)
    let beta = try parameter(2, "bias", &self)
    let operation = Operation.layerNorm(
      axes: normalized.count, epsilon: try node.float("epsilon", default: 1e-5))
    try bind(emit(operation, [x, gamma, beta], shape: extents, node), node)
  }

  mutating func importSoftmax(logarithm: Bool, _ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let axis = try node.axis(node.int("axis", default: opset < 13 ? 1 : -1), rank: extents.count)
    var result: ValueID
    if opset < 13, extents[(axis + 1)...].contains(where: { $0 != 1 }) {
      // Over all elements from the axis on, as if the tensor were a matrix.
      let matrix = [extents[..<axis].reduce(1, *), extents[axis...].reduce(1, *)]
      let flat = try reshape(x, to: matrix, node)
      result = try emit(.softmax(axis: 1), [flat], shape: matrix, node)
      result = try reshape(result, to: extents, node)
    } else {
      result = try emit(.softmax(axis: axis), [x], shape: extents, node)
    }
    if logarithm { result = try emit(.unary(.log), [result], shape: extents, node) }
    try bind(result, node)
  }
}
