extension Graph {
  /// Turns QuantizeLinear and DequantizeLinear into statements about values: a value with a
  /// `quantization` is stored in it, and a node all of whose activations are runs in fixed point.
  ///
  /// Left over are `.quantize` nodes where a value is wanted both quantized and not, or as an input of
  /// the graph, and `.dequantize` nodes at outputs.
  mutating func adoptQuantization() {
    unifyQuantizers()
    readThroughDequantizers()
    removeDeadCode()
    absorbQuantizers()
    sliceBeforeFunctions()
    spreadOverMovements()
    plainWeights()
    removeDeadCode()
  }

  /// One `.quantize` node for all that do the same.
  private mutating func unifyQuantizers() {
    var first: [ValueID: [ValueID]] = [:]
    for node in nodes where node.operation == .quantize {
      guard let x = node.inputs[0] else { continue }
      let y = node.outputs[0]
      if let same = first[x]?.first(where: {
        values[$0].quantization == values[y].quantization
      }), !outputs.contains(y) {
        replaceUses(of: y, by: same)
      } else {
        first[x, default: []].append(y)
      }
    }
  }

  /// Readers of a dequantized value read the quantized one, which stands for the same real numbers.
  private mutating func readThroughDequantizers() {
    var origins: [ValueID: ValueID] = [:]
    for index in nodes.indices {
      for position in nodes[index].inputs.indices {
        if let input = nodes[index].inputs[position], let origin = origins[input] {
          nodes[index].inputs[position] = origin
        }
      }
      if nodes[index].operation == .dequantize, let x = nodes[index].inputs[0] {
        origins[nodes[index].outputs[0]] = x
      }
    }
  }

  /// A node whose result is only quantized writes it quantized.
  private mutating func absorbQuantizers() {
    let uses = GraphUses(self)
    var absorbed: Set<Int> = []
    for index in nodes.indices where nodes[index].operation == .quantize {
      guard let x = nodes[index].inputs[0], uses.onlyReader(x) == index,
        let before = uses.producer[x], values[x].quantization == nil,
        nodes[before].operation != .dequantize
      else { continue }
      nodes[before].outputs = nodes[index].outputs
      absorbed.insert(index)
    }
    nodes = nodes.indices.filter { !absorbed.contains($0) }.map { nodes[$0] }
  }

  /// f(x) sliced, each part then quantized in its own way: slices x instead, which is quantized,
  /// and computes f of the parts, so that both are done in fixed point.
  private mutating func sliceBeforeFunctions() {
    let writers = GraphUses(self).producer
    let old = nodes
    nodes = []
    for var node in old {
      if case .slice = node.operation, let y = node.inputs[0],
        values[node.outputs[0]].quantization != nil, values[y].quantization == nil,
        let function = writers[y].map({ old[$0] }), case .unary = function.operation,
        let x = function.inputs[0], let quantization = values[x].quantization,
        quantization.axis == nil
      {
        var sliced = Value(name: node.name + ".part", shape: values[node.outputs[0]].shape)
        sliced.quantization = quantization
        let part = add(sliced)
        let result = node.outputs
        node.inputs = [x]
        node.outputs = [part]
        nodes.append(node)
        node = Node(name: node.name, function.operation, inputs: [part], outputs: result)
      }
      nodes.append(node)
    }
    removeDeadCode()
  }

  /// What only moves elements, or picks the largest, has the same quantization before and after.
  private mutating func spreadOverMovements() {
    for node in nodes where node.operation.keepsQuantization {
      guard let x = node.inputs[0], let quantization = values[x].quantization,
        quantization.axis == nil, values[node.outputs[0]].quantization == nil
      else { continue }
      values[node.outputs[0]].quantization = quantization
    }
    let uses = GraphUses(self)
    for (index, node) in nodes.enumerated().reversed() where node.operation.keepsQuantization {
      guard let x = node.inputs[0], let quantization = values[node.outputs[0]].quantization,
        values[x].quantization == nil, values[x].constant == nil, uses.onlyReader(x) == index,
        let before = uses.producer[x], nodes[before].operation != .dequantize
      else { continue }
      values[x].quantization = quantization
    }
  }

  /// Weights whose quantization fixed-point kernels do not have become real numbers again: zero points
  /// other than 0, or scales along another axis than the output channels.
  private mutating func plainWeights() {
    for index in nodes.indices {
      let channelAxis: Int
      switch nodes[index].operation {
      case .convolution, .dense: channelAxis = 0
      case .transposedConvolution(let convolution):
        channelAxis = convolution.groups == 1 ? 1 : -1
      default: continue
      }
      guard let weights = nodes[index].inputs[1], let quantization = values[weights].quantization,
        let real = values[weights].realElements,
        quantization.storage != .int8 || quantization.zeroPoint != 0
          || (quantization.axis ?? channelAxis) != channelAxis
      else { continue }
      nodes[index].inputs[1] = addConstant(
        real, shape: values[weights].shape, name: values[weights].name)
    }
  }
}

extension Operation {
  /// Whether each element of the result is an element of the operand.
  fileprivate var keepsQuantization: Bool {
    switch self {
    case .reshape, .transpose, .slice, .depthToSpace, .spaceToDepth: true
    case .pool(let pool): pool.function == .max && pool.clamp == nil
    default: false
    }
  }
}
