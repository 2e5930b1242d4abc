/// Conv and ConvTranspose, in one and two dimensions.
extension Importer {
  mutating func importConvolution(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let weights = try filter(node, inputRank: shape(x).count)
    let bias = try bias(node)
    let result = try onImages(x, node) { importer, x in
      try importer.convolve(x, weights, bias, node)
    }
    try bind(result, node)
  }

  private mutating func convolve(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ node: OnnxNode
  ) throws -> ValueID {
    let (input, filter) = (shape(x), shape(weights))
    var convolution = try geometry(node, filter: filter)
    guard input[1] == filter[1] * convolution.groups, filter[0] % convolution.groups == 0 else {
      throw node.error(
        "\(input[1]) input channels do not fit weights of shape \(filter) in "
          + "\(convolution.groups) groups")
    }
    try check(bias, channels: filter[0], node)
    var window = Window(
      kernel: [filter[2], filter[3]], strides: convolution.strides,
      dilations: convolution.dilations, pads: convolution.pads)
    try window.applyAutoPad(node, extents: [input[2], input[3]])
    convolution.pads = window.pads
    let output = try window.outputExtents([input[2], input[3]], node)
    return try emit(
      .convolution(convolution), [x, weights, bias],
      shape: [input[0], filter[0], output[0], output[1]], node)
  }

  mutating func importTransposedConvolution(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let weights = try filter(node, inputRank: shape(x).count)
    let bias = try bias(node)
    let result = try onImages(x, node) { importer, x in
      try importer.convolveTransposed(x, weights, bias, node)
    }
    try bind(result, node)
  }

  private mutating func convolveTransposed(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ node: OnnxNode
  ) throws -> ValueID {
    let (input, filter) = (shape(x), shape(weights))
    var convolution = try geometry(node, filter: filter)
    guard input[1] == filter[0], filter[0] % convolution.groups == 0 else {
      throw node.error(
        "\(input[1]) input channels do not fit weights of shape \(filter) in "
          + "\(convolution.groups) groups")
    }
    let channels = filter[1] * convolution.groups
    try check(bias, channels: channels, node)
    let extra = try spatial(node, "output_padding", in: 0...Limits.window, default: 0, height: 0)
    // Where the extents are given, the padding follows from them.
    let mode = try node.string("auto_pad", default: "NOTSET")
    var wanted =
      try node.has("output_shape")
      ? spatial(node, "output_shape", in: 1...Limits.elements, default: 1) : nil
    if mode.hasPrefix("SAME") && wanted == nil {
      wanted = [0, 1].map { input[$0 + 2] * convolution.strides[$0] }
    }
    if mode == "VALID" { convolution.pads = [0, 0, 0, 0] }
    var output = [0, 0]
    for axis in 0..<2 {
      let full =
        convolution.strides[axis] * (input[axis + 2] - 1) + extra[axis]
        + (filter[axis + 2] - 1) * convolution.dilations[axis] + 1
      if let wanted {
        let padding = max(full - wanted[axis], 0)
        let smaller = padding / 2
        let before = mode == "SAME_UPPER" ? smaller : padding - smaller
        convolution.pads[axis] = before
        convolution.pads[axis + 2] = padding - before
        output[axis] = wanted[axis]
      } else {
        output[axis] = full - convolution.pads[axis] - convolution.pads[axis + 2]
      }
      guard output[axis] > 0, convolution.pads[axis] <= Limits.window,
        convolution.pads[axis + 2] <= Limits.window
      else { throw node.error("its padding leaves nothing of the output") }
    }
    return try emit(
      .transposedConvolution(convolution), [x, weights, bias],
      shape: [input[0], channels, output[0], output[1]], node)
  }

  /// Strides, dilations, explicit pads and groups.
  private func geometry(_ node: OnnxNode, filter: [Int]) throws -> Convolution {
    var convolution = Convolution()
    convolution.strides = try spatial(node, "strides", in: 1...Limits.window, default: 1)
    convolution.dilations = try spatial(node, "dilations", in: 1...Limits.window, default: 1)
    convolution.pads = try spatialPads(node)
    convolution.groups = try node.int("group", default: 1)
    guard (1...Limits.window).contains(convolution.groups) else {
      throw node.error("attribute group is \(convolution.groups)")
    }
    let kernel = try spatial(node, "kernel_shape", in: 1...Limits.window, default: 0)
    guard !node.has("kernel_shape") || kernel == [filter[2], filter[3]] else {
      throw node.error("kernel_shape differs from the weights' shape \(filter)")
    }
    guard filter[2] <= Limits.window, filter[3] <= Limits.window else {
      throw node.error("a kernel of \(filter[2]) x \(filter[3]) is too large")
    }
    return convolution
  }

  /// The weights with a kernel of two dimensions.
  private mutating func filter(_ node: OnnxNode, inputRank: Int) throws -> ValueID {
    let weights = try input(node, 1)
    guard isConstant(weights), graph.values[weights].realElements != nil else {
      throw node.error("its weights must be constant")
    }
    let shape = shape(weights)
    guard shape.count == inputRank, shape.allSatisfy({ $0 > 0 }) else {
      throw node.error("weights of shape \(shape) do not fit an input of rank \(inputRank)")
    }
    guard shape.count == 3 else { return weights }
    return try reshape(weights, to: [shape[0], shape[1], 1, shape[2]], node)
  }

  private func bias(_ node: OnnxNode) throws -> ValueID? {
    guard let bias = try optionalInput(node, 2) else { return nil }
    guard graph.values[bias].realElements != nil else {
      throw node.error("its bias must be constant")
    }
    return bias
  }

  private func check(_ bias: ValueID?, channels: Int, _ node: OnnxNode) throws {
    guard let bias, shape(bias) != [channels] else { return }
    throw node.error("a bias of shape \(shape(bias)) does not fit \(channels) output channels")
  }

  /// An attribute with one entry for each spatial axis, as [h, w]; `height` is the entry of the H that
  /// one-dimensional operators lack.
  func spatial(
    _ node: OnnxNode, _ name: String, in range: ClosedRange<Int>, default fallback: Int,
    height: Int = 1
  ) throws -> [Int] {
    let rank = try shape(input(node, 0)).count - 2
    let values = try node.window(name, count: rank, in: range, default: fallback)
    return rank == 1 ? [height, values[0]] : values
  }

  /// [top, left, bottom, right]
  func spatialPads(_ node: OnnxNode) throws -> [Int] {
    let rank = try shape(input(node, 0)).count - 2
    let pads = try node.window("pads", count: 2 * rank, in: 0...Limits.window, default: 0)
    return rank == 1 ? [0, pads[0], 0, pads[1]] : pads
  }
}
