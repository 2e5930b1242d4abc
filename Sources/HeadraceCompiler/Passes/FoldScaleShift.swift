extension Graph {
  /// Merges batch normalisations, and multiplications and additions with a number for each channel,
  /// into the convolution or dense layer before them: w' = s w, b' = s b + t.
  ///
  /// A batch normalisation is a depthwise convolution with a 1 x 1 kernel here and stays one where
  /// nothing can take it, so that it can be quantized with a scale for each channel.
  mutating func foldScaleShift() {
    let uses = GraphUses(self)
    var absorbed: Set<Int> = []
    // The node that writes a value now, after merges.
    var writers = uses.producer
    for index in nodes.indices {
      guard let step = scaleShift(nodes[index]), let x = nodes[index].inputs[step.operand],
        uses.onlyReader(x) == index, let before = writers[x], !absorbed.contains(before),
        values[x].quantization == nil, values[nodes[index].outputs[0]].quantization == nil,
        absorb(step, into: before)
      else { continue }
      nodes[before].outputs = nodes[index].outputs
      writers[nodes[index].outputs[0]] = before
      absorbed.insert(index)
    }
    nodes = nodes.indices.filter { !absorbed.contains($0) }.map { nodes[$0] }
  }

  /// y = clamp(scale[c] * x + shift[c]), where one element stands for all channels.
  private struct ScaleShift {
    var operand = 0
    var scale: [Float] = [1]
    var shift: [Float] = [0]
    var clamp: Clamp?
  }

  private func scaleShift(_ node: Node) -> ScaleShift? {
    switch node.operation {
    case .unary(.affine(let scale, let offset)):
      return ScaleShift(scale: [scale], shift: [offset])
    case .convolution(let convolution):
      guard let weights = node.inputs[1], values[weights].shape == [convolution.groups, 1, 1, 1],
        convolution.strides == [1, 1], convolution.pads == [0, 0, 0, 0],
        case .float(let scale)? = values[weights].constant
      else { return nil }
      var result = ScaleShift(scale: scale, clamp: convolution.clamp)
      if node.inputs.count > 2, let bias = node.inputs[2] {
        guard case .float(let shift)? = values[bias].constant else { return nil }
        result.shift = shift
      }
      return result
    case .binary(let function, let clamp):
      for operand in 0..<2 {
        guard let x = node.inputs[operand], let c = node.inputs[1 - operand],
          values[x].shape == values[node.outputs[0]].shape, let numbers = channelNumbers(c)
        else { continue }
        var result = ScaleShift(operand: operand, clamp: clamp)
        switch (function, operand) {
        case (.add, _): result.shift = numbers
        case (.sub, 0): result.shift = numbers.map { -$0 }
        case (.sub, _):
          result.scale = [-1]
          result.shift = numbers
        case (.mul, _): result.scale = numbers
        case (.div, 0) where numbers.allSatisfy({ $0 != 0 }): result.scale = numbers.map { 1 / $0 }
        default: return nil
        }
        return result
      }
      return nil
    default: return nil
    }
  }

  /// A float constant with one element for each channel (the last axis), or for all.
  private func channelNumbers(_ value: ValueID) -> [Float]? {
    guard case .float(let elements)? = values[value].constant,
      values[value].shape.dropLast().allSatisfy({ $0 == 1 }), !elements.isEmpty
    else { return nil }
    return elements
  }

  /// Whether the node at `index` took the step over.
  private mutating func absorb(_ step: ScaleShift, into index: Int) -> Bool {
    let node = nodes[index]
    let channels: Int
    // Weights of one output channel lie `run` elements long, the next channel's behind them; a
    // transposed convolution has `groups` parts of I/groups rows of them.
    var clamp: Clamp?
    guard node.inputs.count > 1, let weights = node.inputs[1],
      case .float(var elements)? = values[weights].constant
    else { return false }
    let shape = values[weights].shape
    let run = shape.dropFirst(isTransposed(node) ? 2 : 1).reduce(1, *)
    switch node.operation {
    case .convolution(let convolution):
      channels = shape[0]
      clamp = convolution.clamp
    case .transposedConvolution(let convolution):
      channels = shape[1] * convolution.groups
      clamp = convolution.clamp
    case .dense(let own):
      channels = shape[0]
      clamp = own
    default: return false
    }
    guard clamp == nil, [1, channels].contains(step.scale.count),
      [1, channels].contains(step.shift.count),
      (step.scale + step.shift).allSatisfy(\.isFinite)
    else { return false }
    var bias = Array(repeating: Float(0), count: channels)
    if node.inputs.count > 2, let operand = node.inputs[2] {
      guard case .float(let old)? = values[operand].constant else { return false }
      bias = old
    }
    func scale(_ channel: Int) -> Float { step.scale[step.scale.count == 1 ? 0 : channel] }
    func shift(_ channel: Int) -> Float { step.shift[step.shift.count == 1 ? 0 : channel] }
    if case .transposedConvolution(let convolution) = node.operation {
      let rows = shape[0] / convolution.groups
      for position in elements.indices {
        let row = position / (run * shape[1])
        elements[position] *= scale(row / rows * shape[1] + position / run % shape[1])
      }
    } else {
      for position in elements.indices { elements[position] *= scale(position / run) }
    }
    for channel in 0..<channels { bias[channel] = bias[channel] * scale(channel) + shift(channel) }
    let name = node.name
    let newWeights = addConstant(elements, shape: shape, name: values[weights].name)
    let newBias = addConstant(bias, shape: [channels], name: name + ".bias")
    nodes[index].inputs = [node.inputs[0], newWeights, newBias]
    nodes[index].operation = node.operation.clamped(step.clamp) ?? node.operation
    return true
  }

  private func isTransposed(_ node: Node) -> Bool {
    if case .transposedConvolution = node.operation { return true }
    return false
  }
}
