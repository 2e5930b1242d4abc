/// Operators that take tensors apart, join and pad them.
extension Importer {
  mutating func importConcat(_ node: OnnxNode) throws {
    let parts = try node.proto.input.indices.map { try input(node, $0) }
    guard let first = parts.first, node.has("axis") else {
      throw node.error("it needs operands and the attribute axis")
    }
    let axis = try node.axis(node.int("axis"), rank: shape(first).count)
    // Operands without elements come from shape arithmetic and contribute nothing.
    let filled = parts.filter { !isConstant($0) || !shape($0).contains(0) }
    try bind(filled.isEmpty ? first : concatenate(filled, axis: axis, node), node)
  }

  mutating func concatenate(_ parts: [ValueID], axis: Int, _ node: OnnxNode) throws -> ValueID {
    var extents = shape(parts[0])
    extents[axis] = 0
    for part in parts {
      var other = shape(part)
      guard other.count == extents.count else { throw node.error("its operands differ in rank") }
      let extent = other[axis]
      other[axis] = extents[axis]
      guard other == extents else {
        throw node.error("shapes \(shape(parts[0])) and \(shape(part)) cannot be joined")
      }
      extents[axis] += extent
      guard extents[axis] <= Limits.elements else { throw node.error("its result is too large") }
    }
    return parts.count == 1
      ? parts[0] : try emit(.concat(axis: axis), parts, shape: extents, node)
  }

  mutating func importSplit(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let axis = try node.axis(node.int("axis", default: 0), rank: extents.count)
    let count = node.proto.output.count
    guard count >= 1 else { throw node.error("it has no outputs") }
    var sizes: [Int]
    if let given = try optionalInput(node, 1) {
      sizes = try constantInts(given, "split", node)
    } else if let given = try node.ints("split") {
      sizes = given
    } else {
      let parts = try node.int("num_outputs", default: count)
      guard parts == count else { throw node.error("num_outputs is not the number of outputs") }
      let chunk = (extents[axis] + count - 1) / count
      sizes = Array(repeating: chunk, count: count - 1)
      sizes.append(extents[axis] - chunk * (count - 1))
    }
    guard sizes.count == count, sizes.allSatisfy({ $0 > 0 && $0 <= extents[axis] }),
      sizes.reduce(0, +) == extents[axis]
    else { throw node.error("parts \(sizes) do not make up \(extents[axis]) elements") }
    var start = 0
    for (index, size) in sizes.enumerated() {
      var begin = extents.map { _ in 0 }
      begin[axis] = start
      var part = extents
      part[axis] = size
      start += size
      guard node.wantsOutput(index) else { continue }
      try bind(slice(x, begin: begin, shape: part, node), node, output: index)
    }
  }

  private mutating func slice(
    _ x: ValueID, begin: [Int], step: [Int]? = nil, shape: [Int], _ node: OnnxNode
  ) throws -> ValueID {
    let step = step ?? shape.map { _ in 1 }
    if shape == self.shape(x), step.allSatisfy({ $0 == 1 }) { return x }
    return try emit(.slice(begin: begin, step: step), [x], shape: shape, node)
  }

  mutating func importSlice(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    var extents = shape(x)
    let starts = try constantInts(input(node, 1), "starts", node)
    let ends = try constantInts(input(node, 2), "ends", node)
    let given = try optionalInput(node, 3).map { try constantInts($0, "axes", node) }
    let axes = try node.axes(given ?? Array(starts.indices), rank: extents.count)
    let steps =
      try optionalInput(node, 4).map { try constantInts($0, "steps", node) } ?? axes.map { _ in 1 }
    guard starts.count == axes.count, ends.count == axes.count, steps.count == axes.count else {
      throw node.error("starts, ends, axes and steps differ in length")
    }
    var begin = extents.map { _ in 0 }
    var step = extents.map { _ in 1 }
    for (index, axis) in axes.enumerated() {
      let extent = extents[axis]
      // A step beyond the extent picks one element, whatever it is.
      let stride = min(max(steps[index], -Limits.elements), Limits.elements)
      guard stride != 0 else { throw node.error("a step is 0") }
      func place(_ position: Int, _ range: ClosedRange<Int>) -> Int {
        let wrapped = position < 0 ? max(position, -extent - 1) + extent : position
        return min(max(wrapped, range.lowerBound), range.upperBound)
      }
      let range = stride > 0 ? 0...extent : -1...(extent - 1)
      let start = place(starts[index], stride > 0 ? range : 0...max(extent - 1, 0))
      let end = place(ends[index], range)
      let count =
        stride > 0 ? (end - start + stride - 1) / stride : (start - end - stride - 1) / -stride
      begin[axis] = start
      step[axis] = stride
      extents[axis] = max(count, 0)
      if extents[axis] == 1 { step[axis] = 1 }
    }
    if extents.contains(0), isConstant(x) {
      guard case .int64? = graph.values[x].constant else {
        throw node.error("its result would be empty")
      }
      return try bind(fold(.int64([]), shape: extents, type: .int64, node), node)
    }
    try bind(slice(x, begin: begin, step: step, shape: extents, node), node)
  }

  /// Along an axis of an activation: slices joined; of a constant: computed.
  mutating func importGather(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let axis = try node.axis(node.int("axis", default: 0), rank: extents.count)
    let indexValue = try input(node, 1)
    let indexShape = shape(indexValue)
    let indices = try constantInts(indexValue, "indices", node).map { index in
      guard index >= -extents[axis], index < extents[axis] else {
        throw node.error("index \(index) is outside axis \(axis) of shape \(extents)")
      }
      return index < 0 ? index + extents[axis] : index
    }
    guard !indices.isEmpty else { throw node.error("its indices are empty") }
    var joined = extents
    joined[axis] = indices.count
    var begin = extents.map { _ in 0 }
    begin[axis] = indices[0]
    let stride = indices.count > 1 ? indices[1] - indices[0] : 1
    var result: ValueID
    if stride != 0, indices.indices.allSatisfy({ indices[$0] == indices[0] + $0 * stride }) {
      var step = extents.map { _ in 1 }
      step[axis] = stride
      result = try slice(x, begin: begin, step: step, shape: joined, node)
    } else {
      guard isConstant(x) || indices.count <= 256 else {
        throw node.error("\(indices.count) scattered indices are too many; the limit is 256")
      }
      try reserve(joined, node)
      var single = extents
      single[axis] = 1
      let parts = try indices.map { index in
        begin[axis] = index
        return try slice(x, begin: begin, shape: single, node)
      }
      result = try concatenate(parts, axis: axis, node)
    }
    let final = Array(extents[..<axis]) + indexShape + extents[(axis + 1)...]
    guard final.count <= Limits.rank else { throw node.error("its result has too many axes") }
    result = try reshape(result, to: final, node)
    try bind(result, node)
  }

  mutating func importPad(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let source = shape(x)
    let given: [Int]
    if let operand = try optionalInput(node, 1) {
      given = try constantInts(operand, "pads", node)
    } else if let attribute = try node.ints("pads") {
      given = attribute
    } else {
      throw node.error("its pads are missing")
    }
    var value = try node.float("value", default: 0)
    if let operand = try optionalInput(node, 2), shape(operand).reduce(1, *) > 0 {
      value = try constantFloat(operand, "value", node)
    }
    let listed = try optionalInput(node, 3).map { try constantInts($0, "axes", node) }
    let axes = try node.axes(listed ?? Array(source.indices), rank: source.count)
    guard given.count == 2 * axes.count,
      given.allSatisfy({ (-Limits.elements...Limits.elements).contains($0) })
    else { throw node.error("pads \(given) do not fit \(axes.count) axes") }
    var before = source.map { _ in 0 }
    var after = before
    for (index, axis) in axes.enumerated() {
      before[axis] = given[index]
      after[axis] = given[index + axes.count]
    }
    let mode = try node.string("mode", default: "constant")
    guard let padMode = ["constant": PadMode.constant, "reflect": .reflect, "edge": .edge][mode]
    else { throw node.error("mode '\(mode)' is not supported; use constant, reflect or edge") }
    // Negative pads cut.
    var kept = source
    for axis in source.indices {
      kept[axis] += min(before[axis], 0) + min(after[axis], 0)
      guard kept[axis] > 0 else { throw node.error("pads \(given) leave nothing of \(source)") }
    }
    var result = try slice(x, begin: before.map { max(-$0, 0) }, shape: kept, node)
    before = before.map { max($0, 0) }
    after = after.map { max($0, 0) }
    for axis in source.indices where padMode == .reflect {
      guard before[axis] < kept[axis], after[axis] < kept[axis] else {
        throw node.error("reflection needs pads \(given) smaller than extents \(kept)")
      }
    }
    let extents = source.indices.map { kept[$0] + before[$0] + after[$0] }
    if extents != kept {
      result = try emit(
        .pad(mode: padMode, before: before, after: after, value: value), [result],
        shape: extents, node)
    }
    try bind(result, node)
  }
}
