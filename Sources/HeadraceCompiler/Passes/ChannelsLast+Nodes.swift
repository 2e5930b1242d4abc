extension ChannelsLast {
  mutating func add(_ node: Node) {
    guard let x = node.inputs.first ?? nil else { return append(node, .identity(0), node.inputs) }
    let rank = shape(x).count
    switch node.operation {
    case .convolution, .transposedConvolution, .pool, .resize, .depthToSpace, .spaceToDepth,
      .groupNorm:
      addSpatial(node, x, .image)
    case .prelu:
      let layout = find(x).layout
      let channelsLast = layout.axes.last == 1
      addSpatial(node, x, channelsLast ? layout : rank == 4 ? .image : .lastAxis(1, rank))
    case .unary, .quantize, .dequantize:
      let present = find(x)
      append(node, present.layout, [present.value])
      keepColumns(present.columns, of: node.outputs[0])
    case .binary, .concat: addJoining(node)
    case .slice(let begin, let step):
      let layout = find(x).layout
      append(
        node, layout, [require(x, layout)],
        .slice(
          begin: layout.axes.map { $0.map { begin[$0] } ?? 0 },
          step: layout.axes.map { $0.map { step[$0] } ?? 1 }))
    case .pad(let mode, let before, let after, let value):
      let layout = find(x).layout.complete(rank)
      append(
        node, layout, [require(x, layout)],
        .pad(
          mode: mode, before: layout.axes.map { $0.map { before[$0] } ?? 0 },
          after: layout.axes.map { $0.map { after[$0] } ?? 0 }, value: value))
    case .reduce(let reduction, let axes):
      let layout = find(x).layout.complete(rank)
      append(
        node, layout, [require(x, layout)],
        .reduce(reduction, axes: axes.compactMap { layout.position(of: $0) }.sorted()))
    case .softmax(let axis):
      let layout = find(x).layout.complete(rank)
      let turned = layout.axes.last == axis ? layout : layout.moving(axis)
      append(node, turned, [require(x, turned)], .softmax(axis: turned.axes.count - 1))
    case .transpose(let permutation):
      let present = find(x)
      define(node.outputs[0], sharing: present, present.layout.transposed(permutation))
    case .reshape: addReshape(node, x)
    case .dense: addDense(node, x)
    case .matrixProduct(let transposeA, let transposeB, let clamp):
      addMatrixProduct(node, transposeA, transposeB, clamp)
    case .layerNorm(let axes, let epsilon): addLayerNorm(node, x, axes: axes, epsilon)
    }
  }

  /// Appends `node` with these operands, writing its output in `layout`.
  mutating func append(
    _ node: Node, _ layout: StoredLayout, _ inputs: [ValueID?], _ operation: Operation? = nil
  ) {
    let output = define(node.outputs[0], layout)
    result.nodes.append(
      Node(
        name: node.name, operation ?? node.operation, inputs: inputs, outputs: [output]))
  }

  private mutating func addSpatial(_ node: Node, _ x: ValueID, _ layout: StoredLayout) {
    let first = require(x, layout)
    let rest = node.inputs.dropFirst().map { operand in operand.map { find($0).value } }
    append(node, layout, [first] + rest)
  }

  /// Elementwise arithmetic and concatenation: all operands as the largest activation is stored.
  private mutating func addJoining(_ node: Node) {
    let operands = node.inputs.compactMap { $0 }
    let activations = operands.filter { source.values[$0].constant == nil }
    let rank = shape(node.outputs[0]).count
    var leader = activations.first ?? operands[0]
    for operand in activations
    where source.values[operand].elementCount > source.values[leader].elementCount {
      leader = operand
    }
    let layout = find(leader).layout.complete(rank)
    var operation = node.operation
    if case .concat(let axis) = operation { operation = .concat(axis: layout.position(of: axis)!) }
    append(node, layout, operands.map { require($0, layout) }, operation)
  }

  // MARK: Matrices

  private mutating func addDense(_ node: Node, _ x: ValueID) {
    let last = shape(x).count - 1
    let present = find(x)
    let rest = node.inputs.dropFirst().map { operand in operand.map { find($0).value } }
    if let columns = present.columns {
      let weights = permuted(node.inputs[1]!, columns)
      let layout = present.layout
      return append(node, layout, [present.value, weights] + rest.dropFirst())
    }
    var layout = present.layout.complete(last + 1).withoutExtraAxes
    if layout.axes.last != last { layout = layout.moving(last) }
    append(node, layout, [require(x, layout)] + rest)
  }

  /// Dense weights whose columns follow the order in which their input is stored.
  private mutating func permuted(_ weights: ValueID, _ columns: Columns) -> ValueID {
    var value = source.values[weights]
    let shape = [value.shape[0]] + columns.extents
    let strides = ConstantEvaluation.rowMajorStrides(shape)
    let order = [0] + columns.order.map { $0 + 1 }
    value.constant = value.constant?.strided(
      offset: 0, strides: order.map { strides[$0] }, shape: order.map { shape[$0] })
    return result.add(value)
  }

  private mutating func addMatrixProduct(
    _ node: Node, _ transposeA: Bool, _ transposeB: Bool, _ clamp: Clamp?
  ) {
    var transposes = [transposeA, transposeB]
    var operands: [ValueID] = []
    for position in 0..<2 {
      let operand = node.inputs[position]!
      let extents = shape(operand)
      let straight = StoredLayout.identity(extents.count)
      var swapped = straight
      swapped.axes.swapAt(extents.count - 2, extents.count - 1)
      let order = find(operand).layout.order(extents)
      if order != straight.order(extents), order == swapped.order(extents) {
        operands.append(require(operand, swapped))
        transposes[position].toggle()
      } else {
        operands.append(require(operand, straight))
      }
    }
    append(
      node, .identity(shape(node.outputs[0]).count), operands,
      .matrixProduct(transposeA: transposes[0], transposeB: transposes[1], clamp: clamp))
  }

  // MARK: Layer normalisation

  /// Over the last axes in whatever order they are stored, if they are stored last.
  private mutating func addLayerNorm(
    _ node: Node, _ x: ValueID, axes: Int, _ epsilon: Float
  ) {
    let extents = shape(x)
    let first = extents.count - axes
    var layout = find(x).layout.complete(extents.count).withoutExtraAxes
    let trailing = layout.axes.suffix(axes).compactMap { $0 }
    if trailing.contains(where: { $0 < first }) { layout = .identity(extents.count) }
    let order = layout.axes.suffix(axes).map { $0! - first }
    let parameters = node.inputs.dropFirst().map { operand -> ValueID? in
      guard let operand else { return nil }
      return require(operand, StoredLayout(order))
    }
    append(node, layout, [require(x, layout)] + parameters)
  }
}

extension StoredLayout {
  /// The same order with `axis` last.
  func moving(_ axis: Int) -> StoredLayout { StoredLayout(axes.filter { $0 != axis } + [axis]) }

  static func lastAxis(_ axis: Int, _ rank: Int) -> StoredLayout { identity(rank).moving(axis) }
}
