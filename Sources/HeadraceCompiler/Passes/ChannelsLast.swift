extension Graph {
  /// Stores images N x H x W x C and sequences N x 1 x T x C, as the runtime's operators read them.
  ///
  /// Every value keeps the axes that the network gives it, and beside them the order in which they are
  /// stored. Operators that work on any order take their operands as they are stored and translate
  /// their axes; a transpose only renames axes; so does a reshape that adds or removes axes of extent
  /// 1. Elements move only where an operator needs another order than it gets, which in convolutional
  /// networks is nowhere. Inputs and outputs that are images or sequences are stored channels-last
  /// themselves and say so.
  mutating func storeChannelsLast() {
    guard layout == .channelsFirst else { return }
    var pass = ChannelsLast(self)
    pass.run()
    self = pass.result
  }
}

struct ChannelsLast {
  typealias ValueID = Graph.ValueID

  struct Stored {
    /// In the result.
    var value: ValueID
    var layout: StoredLayout
    /// Set where the last axis is several stored in another order than the network has them: their
    /// extents, and their order as stored.
    var columns: Columns?
  }

  struct Columns {
    var extents: [Int]
    var order: [Int]
  }

  private struct Request: Hashable {
    var value: ValueID
    var layout: StoredLayout
  }

  let source: Graph
  let uses: GraphUses
  var result = Graph()
  private(set) var stored: [ValueID: Stored] = [:]
  private var moved: [Request: ValueID] = [:]

  init(_ graph: Graph) {
    source = graph
    uses = GraphUses(graph)
    result.name = graph.name
    result.layout = .channelsLast
    result.metadata = graph.metadata
    result.pictures = graph.pictures
    result.notes = graph.notes
  }

  mutating func run() {
    let wishes = inputLayouts()
    for input in source.inputs {
      let layout = wishes[input] ?? .identity(source.values[input].shape.count)
      let value = define(input, layout)
      describe(value, as: input, layout)
      result.inputs.append(value)
    }
    for node in source.nodes { add(node) }
    for output in source.outputs { addOutput(output) }
  }

  // MARK: Values

  func shape(_ value: ValueID) -> [Int] { source.values[value].shape }

  /// The result's value for `value`, stored in `layout`, which a node is about to write.
  mutating func define(_ value: ValueID, _ layout: StoredLayout) -> ValueID {
    var copy = source.values[value]
    copy.shape = layout.shape(copy.shape)
    let id = result.add(copy)
    stored[value] = Stored(value: id, layout: layout)
    return id
  }

  /// Lets `value` be what is stored already, under other axes.
  mutating func define(_ value: ValueID, sharing other: Stored, _ layout: StoredLayout) {
    stored[value] = Stored(value: other.value, layout: layout, columns: other.columns)
  }

  mutating func keepColumns(_ columns: Columns?, of value: ValueID) {
    stored[value]?.columns = columns
  }

  /// Where `value` is; a constant is first stored in the network's own order.
  mutating func find(_ value: ValueID) -> Stored {
    if let known = stored[value] { return known }
    let layout = StoredLayout.identity(shape(value).count)
    let constant = Stored(value: result.add(source.values[value]), layout: layout)
    stored[value] = constant
    return constant
  }

  /// `value` stored in `layout`, moved if need be.
  mutating func require(_ value: ValueID, _ layout: StoredLayout) -> ValueID {
    let present = find(value)
    if present.layout == layout { return present.value }
    let request = Request(value: value, layout: layout)
    if let known = moved[request] { return known }
    let shape = shape(value)
    let id =
      source.values[value].constant != nil
      ? rearranged(source.values[value], layout)
      : move(present, shape, to: layout)
    moved[request] = id
    return id
  }

  /// A constant's elements in the order of `layout`.
  private mutating func rearranged(_ value: Value, _ layout: StoredLayout) -> ValueID {
    let strides = ConstantEvaluation.rowMajorStrides(value.shape)
    var copy = value
    copy.shape = layout.shape(value.shape)
    copy.constant = value.constant?.strided(
      offset: 0, strides: layout.axes.map { $0.map { strides[$0] } ?? 0 }, shape: copy.shape)
    copy.quantization?.axis = value.quantization?.axis.flatMap { layout.position(of: $0) }
    return result.add(copy)
  }

  private mutating func move(
    _ present: Stored, _ shape: [Int], to layout: StoredLayout
  ) -> ValueID {
    let order = present.layout.order(shape)
    guard order != layout.order(shape) else {
      return add(.reshape, [present.value], layout.shape(shape), like: present.value)
    }
    // Axes of extent 1 may take any place of extent 1 in the other layout. If their numbers differ,
    // the tensor first gets the rank it needs.
    var from = present
    if from.layout.axes.count != layout.axes.count {
      let ones = Array(repeating: Int?.none, count: layout.axes.count - order.count)
      from.layout = StoredLayout(ones + order.map { $0 })
      from.value = add(.reshape, [from.value], from.layout.shape(shape), like: from.value)
    }
    var free = from.layout.axes.indices.filter { position in
      from.layout.axes[position].map { shape[$0] == 1 } ?? true
    }[...]
    let permutation = layout.axes.map { axis in
      if let axis, shape[axis] > 1 { return from.layout.position(of: axis)! }
      return free.removeFirst()
    }
    return add(
      .transpose(permutation: permutation), [from.value], layout.shape(shape), like: from.value)
  }

  /// Adds a node whose result is of the kind of `value`.
  mutating func add(
    _ operation: Operation, _ inputs: [ValueID?], _ shape: [Int], like value: ValueID
  ) -> ValueID {
    var copy = Value(name: result.values[value].name, shape: shape)
    copy.quantization = result.values[value].quantization
    let id = result.add(copy)
    result.nodes.append(Node(name: copy.name, operation, inputs: inputs, outputs: [id]))
    return id
  }

  // MARK: Interface

  private mutating func describe(_ id: ValueID, as value: ValueID, _ layout: StoredLayout) {
    let rank = shape(value).count
    result.values[id].channelsFirstSource =
      (layout == .image && rank == 4) || (layout == .sequence && rank == 3)
    if result.values[id].channelsFirstSource || rank != layout.axes.count {
      result.values[id].sourceRank = rank
    }
  }

  private mutating func addOutput(_ output: ValueID) {
    let shape = shape(output)
    let present = find(output)
    let own = present.layout
    var layout = StoredLayout.identity(shape.count)
    for candidate in [StoredLayout.image, .sequence]
    where candidate.axes.compactMap({ $0 }).count == shape.count {
      let matches = own.order(shape) == candidate.order(shape)
      if own == candidate || (matches && own.order(shape) != layout.order(shape)) {
        layout = candidate
      }
    }
    var id = require(output, layout)
    if result.inputs.contains(id) || result.outputs.contains(id) {
      id = add(.reshape, [id], layout.shape(shape), like: id)
    }
    if id != present.value, !result.inputs.contains(present.value),
      !result.outputs.contains(present.value)
    {
      result.values[present.value].name += ".stored"
    }
    result.values[id].name = source.values[output].name
    describe(id, as: output, layout)
    result.outputs.append(id)
  }

  /// The layouts that operators further on want the inputs in, found from the back.
  private func inputLayouts() -> [ValueID: StoredLayout] {
    var wishes: [ValueID: StoredLayout] = [:]
    for node in source.nodes.reversed() {
      guard let x = node.inputs.first ?? nil else { continue }
      let output = node.outputs[0]
      switch node.operation {
      case .convolution, .transposedConvolution, .pool, .resize, .depthToSpace, .spaceToDepth,
        .groupNorm:
        wishes[x] = .image
      case .prelu: wishes[x] = shape(x).count == 4 ? .image : wishes[output]
      case .transpose(let permutation):
        guard let wish = wishes[output] else { continue }
        wishes[x] = StoredLayout(wish.axes.map { axis in axis.map { permutation[$0] } })
      case .reshape:
        guard let wish = wishes[output] else { continue }
        wishes[x] = wish.relabelled(from: shape(output), to: shape(x))
      case .dense, .matrixProduct, .layerNorm: continue
      default:
        guard let wish = wishes[output] else { continue }
        for case let input? in node.inputs where shape(input).count == shape(output).count {
          if wishes[input] == nil { wishes[input] = wish }
        }
      }
    }
    return wishes.filter { value, wish in
      (wish == .image && shape(value).count == 4) || (wish == .sequence && shape(value).count == 3)
    }
  }
}
