import CHeadrace

extension Lowering {
  mutating func lower(_ convolution: Convolution, _ node: Node) throws {
    let weights = node.inputs[1]!
    let shape = shape(weights)
    let inputChannels = shape[1] * convolution.groups
    let depthwise = convolution.groups > 1 && convolution.groups == inputChannels
    let output = self.shape(node.outputs[0])
    if let winograd = WinogradWeights(convolution, shape: shape, output: output),
      arithmetic(node).isFloat
    {
      return try lower(convolution, node, winograd)
    }
    let kernels = ContractionKernels(
      layout: depthwise ? .depthwise : .convolution, groups: convolution.groups, shape: shape)
    try lowerContraction(
      node, depthwise ? HRM_DEPTHWISE_CONV2D : HRM_CONV2D, kernels,
      macs: output.reduce(1, *) * shape[1] * shape[2] * shape[3]
    ) { format in
      parameterWords(convolution.parameters(format, kernel: (shape[2], shape[3])))
    }
  }

  private mutating func lower(
    _ convolution: Convolution, _ node: Node, _ winograd: WinogradWeights
  ) throws {
    let (input, weights) = (node.inputs[0]!, node.inputs[1]!)
    let shape = shape(weights)
    let x = try tensor(input, as: try inputFormat(input, for: .float), for: node)
    let elements = try reals(weights).map { Float($0) }
    let rows = ContractionWeights(convolution: elements, shape: shape, groups: 1)
    let w = model.addConstant(
      graph.values[weights].name, .float,
      dims: [
        rows.blockedChannels.count / Int(HRM_BLOCK), WinogradWeights.points, winograd.depth,
        Int(HRM_BLOCK),
      ], data: bytes(of: winograd.pack(rows.rows)))
    let bias = node.inputs.count > 2 ? node.inputs[2] : nil
    let b = try bias.map { addFloatBias(try reals($0), rows.blockedChannels, node) }
    try emit(
      node, HRM_WINOGRAD_CONV2D, [x, w, b], .float,
      parameterWords(convolution.parameters(.float, kernel: (shape[2], shape[3]))),
      macs: self.shape(node.outputs[0]).reduce(1, *) * shape[1] * shape[2] * shape[3])
  }

  private mutating func addFloatBias(
    _ bias: [Double], _ channels: [Int?], _ node: Node
  ) -> Int {
    model.addConstant(
      node.name + ".bias", .float, dims: [channels.count],
      data: bytes(of: channels.map { $0.map { Float(bias[$0]) } ?? 0 }))
  }

  mutating func lower(transposed convolution: Convolution, _ node: Node) throws {
    let shape = shape(node.inputs[1])
    let input = self.shape(node.inputs[0])
    let kernels = ContractionKernels(
      layout: .transposed, groups: convolution.groups, shape: shape)
    try lowerContraction(
      node, HRM_TRANSPOSED_CONV2D, kernels,
      macs: input.reduce(1, *) * shape[1] * shape[2] * shape[3]
    ) { format in
      parameterWords(convolution.parameters(format, kernel: (shape[2], shape[3])))
    }
  }

  mutating func lowerDense(_ node: Node, _ clamp: Clamp?) throws {
    let shape = shape(node.inputs[1])
    let kernels = ContractionKernels(layout: .dense, groups: 1, shape: shape)
    try lowerContraction(
      node, HRM_DENSE, kernels, macs: self.shape(node.outputs[0]).reduce(1, *) * shape[1]
    ) { format in
      let limits = format.limits(clamp)
      return parameterWords(hrm_dense(clamp_min: limits.min, clamp_max: limits.max))
    }
  }

  mutating func lowerMatrixProduct(
    _ node: Node, transposeA: Bool, transposeB: Bool, _ clamp: Clamp?
  ) throws {
    let (a, b) = (node.inputs[0]!, node.inputs[1]!)
    let format = arithmetic(node, activations: [0, 1])
    let formats = (try inputFormat(a, for: format), try inputFormat(b, for: format))
    let left = try tensor(a, as: formats.0, for: node)
    let right = try tensor(b, as: formats.1, for: node)
    let limits = format.limits(clamp)
    var factor = FixedMultiplier(multiplier: 0, shift: 0)
    if !format.isFloat {
      factor = try FixedMultiplier(
        Double(formats.0.scale) * Double(formats.1.scale) / Double(format.scale),
        format.type == HRM_INT16 ? .half : .word, at: node.name)
    }
    let depth = shape(a)[shape(a).count - (transposeA ? 2 : 1)]
    try emit(
      node, HRM_MATMUL, [left, right], format,
      parameterWords(
        hrm_matmul(
          transpose_a: transposeA ? 1 : 0, transpose_b: transposeB ? 1 : 0,
          multiplier: factor.multiplier, shift: factor.shift, clamp_min: limits.min,
          clamp_max: limits.max)),
      macs: shape(node.outputs[0]).reduce(1, *) * depth)
  }

  /// x, weights, bias? of `node` as an operator with packed weights.
  private mutating func lowerContraction(
    _ node: Node, _ code: hrm_code, _ kernels: ContractionKernels, macs: Int,
    _ parameters: (ElementFormat) -> [Int32]
  ) throws {
    let (input, weights) = (node.inputs[0]!, node.inputs[1]!)
    let bias = node.inputs.count > 2 ? node.inputs[2] : nil
    let format = arithmetic(node)
    let source = try inputFormat(input, for: format)
    let x = try tensor(input, as: source, for: node)
    let realBias = try bias.map { try reals($0) }
    let name = graph.values[weights].name
    guard !format.isFloat else {
      let rows = kernels.rows(try reals(weights).map { Float($0) })
      let w = model.addConstant(
        name, .float, dims: kernels.dims(rows, run: 1),
        data: bytes(of: kernels.pack(rows, run: 1, zero: 0)))
      let b = realBias.map { addFloatBias($0, kernels.channels(rows), node) }
      try emit(node, code, [x, w, b, nil], .float, parameters(.float), macs: macs)
      return
    }
    let quantized = try WeightQuantizer.quantize(
      try weightSource(weights, kernels), bias: realBias, input: source, at: node.name)
    if !quantized.coarsenedChannels.isEmpty {
      model.notes.append(
        "\(node.name): \(quantized.coarsenedChannels.count) of \(quantized.rows.count) channels have"
          + " coarser weights, because their bias is large beside them")
    }
    let rows = ContractionWeights(rows: quantized.rows, groups: kernels.groups)
    let channels = kernels.channels(rows)
    let wide = format.type == HRM_INT16
    let factors = try quantized.scales.map {
      try FixedMultiplier(
        Double(source.scale) * $0 / Double(format.scale), wide ? .half : .word, at: node.name)
    }
    let requant =
      channels.map { $0.map { factors[$0].multiplier } ?? FixedMultiplier.zero.multiplier }
      + channels.map { $0.map { factors[$0].shift } ?? FixedMultiplier.zero.shift }
    let padded = channels.map { $0.map { quantized.bias[$0] } ?? 0 }
    let w = model.addConstant(
      name, ElementFormat(type: HRM_INT8), dims: kernels.dims(rows, run: Int(HRM_QUAD)),
      data: bytes(of: kernels.pack(rows, run: Int(HRM_QUAD), zero: 0)))
    let b = model.addConstant(
      node.name + ".bias", wide ? .int64 : .int32, dims: [channels.count],
      data: wide ? bytes(of: padded) : bytes(of: padded.map { Int32($0) }))
    let r = model.addConstant(
      node.name + ".requant", .int32, dims: [2, channels.count], data: bytes(of: requant))
    try emit(node, code, [x, w, b, r], format, parameters(format), macs: macs)
  }

  private func weightSource(
    _ id: Graph.ValueID, _ kernels: ContractionKernels
  ) throws -> WeightQuantizer.Source {
    let value = graph.values[id]
    guard case .quantized(let elements) = value.constant, let quantization = value.quantization,
      quantization.storage == .int8
    else {
      return .real(kernels.rows(try reals(id).map { Float($0) }).rows)
    }
    guard quantization.zeroPoint == 0 else {
      throw CompilerError(
        "weights have the zero point \(quantization.zeroPoint); quantize them symmetrically",
        at: value.name)
    }
    let rows = kernels.rows(elements).rows
    let scales = quantization.scales.map(Double.init)
    return .quantized(rows, scales: rows.indices.map { scales[$0 % scales.count] })
  }
}

/// The order in which a contraction's weights stand in the graph and in the file.
struct ContractionKernels {
  enum Layout { case convolution, depthwise, transposed, dense }
  let layout: Layout
  let groups: Int
  /// Of the weights in the graph.
  let shape: [Int]

  func rows<Element>(_ elements: [Element]) -> ContractionWeights<Element> {
    switch layout {
    case .convolution, .depthwise:
      ContractionWeights(convolution: elements, shape: shape, groups: groups)
    case .transposed: ContractionWeights(transposed: elements, shape: shape, groups: groups)
    case .dense: ContractionWeights(dense: elements, outputs: shape[0])
    }
  }

  /// For each place in the padded channel order, the output channel there.
  func channels<Element>(_ weights: ContractionWeights<Element>) -> [Int?] {
    layout == .depthwise ? weights.linearChannels : weights.blockedChannels
  }

  /// `run`: how many weights of a channel stand side by side in a block, HRM_QUAD for int8.
  func pack<Element>(
    _ weights: ContractionWeights<Element>, run: Int, zero: Element
  ) -> [Element] {
    layout == .depthwise ? weights.linear(zero: zero) : weights.blocked(run: run, zero: zero)
  }

  /// Of the packed weights, as `hrm.h` gives them.
  func dims<Element>(_ weights: ContractionWeights<Element>, run: Int) -> [Int] {
    let padded = channels(weights).count
    let depth = weights.rows[0].count
    let packed = [padded / Int(HRM_BLOCK), (depth + run - 1) / run, Int(HRM_BLOCK)]
    switch layout {
    case .depthwise: return [shape[2], shape[3], padded]
    case .convolution, .transposed, .dense: return run == 1 ? packed : packed + [run]
    }
  }
}

extension Convolution {
  func parameters(_ format: ElementFormat, kernel: (height: Int, width: Int)) -> hrm_conv {
    let limits = format.limits(clamp)
    return hrm_conv(
      kernel_h: Int32(kernel.height), kernel_w: Int32(kernel.width),
      stride_h: Int32(strides[0]), stride_w: Int32(strides[1]), dilation_h: Int32(dilations[0]),
      dilation_w: Int32(dilations[1]), pad_top: Int32(pads[0]), pad_left: Int32(pads[1]),
      pad_bottom: Int32(pads[2]), pad_right: Int32(pads[3]), groups: Int32(groups),
      clamp_min: limits.min, clamp_max: limits.max)
  }
}
