extension ChannelsLast {
  /// Axes of a reshape's operand that become axes of its result, both with more than one element.
  private struct Group {
    var source: [Int] = []
    var target: [Int] = []
  }

  mutating func addReshape(_ node: Node, _ x: ValueID) {
    let (before, after) = (shape(x), shape(node.outputs[0]))
    let present = find(x)
    let output = node.outputs[0]
    if present.columns == nil, let layout = present.layout.relabelled(from: before, to: after) {
      return define(output, sharing: present, layout)
    }
    let groups = groups(before, after)
    let order = present.layout.order(before)
    if let columns = columns(node, groups, order, before) {
      let layout = StoredLayout.identity(after.count)
      append(node, layout, [present.value])
      return keepColumns(columns, of: output)
    }
    // Each group's axes side by side and in the network's order, groups in the order of their last.
    let places = groups.map { group in group.source.compactMap(order.firstIndex(of:)).max() ?? 0 }
    let sorted = groups.indices.sorted { places[$0] < places[$1] }
    let wanted = sorted.flatMap { groups[$0].source }
    let operand =
      wanted == order
      ? present.value
      : require(x, StoredLayout(wanted.map { $0 }).complete(before.count))
    let layout = StoredLayout(sorted.flatMap { groups[$0].target }.map { $0 }).complete(after.count)
    append(node, layout, [operand])
  }

  /// The finest division of both shapes into parts of equal size.
  private func groups(_ before: [Int], _ after: [Int]) -> [Group] {
    var groups: [Group] = []
    var sources = before.indices.filter { before[$0] > 1 }[...]
    var targets = after.indices.filter { after[$0] > 1 }[...]
    while let first = sources.popFirst(), let second = targets.popFirst() {
      var group = Group(source: [first], target: [second])
      var (p, q) = (before[first], after[second])
      while p != q {
        if p < q, let next = sources.popFirst() {
          group.source.append(next)
          p *= before[next]
        } else if let next = targets.popFirst() {
          group.target.append(next)
          q *= after[next]
        } else {
          break
        }
      }
      groups.append(group)
    }
    return groups
  }

  /// Where an image is flattened for dense layers only, their weights can follow the stored order
  /// instead: the order of the merged axes, if that is so.
  private func columns(
    _ node: Node, _ groups: [Group], _ order: [Int], _ before: [Int]
  ) -> Columns? {
    guard let last = groups.last, last.source.count > 1, last.target.count == 1,
      last.target[0] == shape(node.outputs[0]).count - 1,
      groups.dropLast().flatMap(\.source) == order.dropLast(last.source.count).map({ $0 }),
      Set(order.suffix(last.source.count)) == Set(last.source),
      Array(order.suffix(last.source.count)) != last.source,
      feedsDenseOnly(node.outputs[0])
    else { return nil }
    return Columns(
      extents: last.source.map { before[$0] },
      order: order.suffix(last.source.count).map { last.source.firstIndex(of: $0)! })
  }

  /// Whether a value reaches nothing but dense layers, through functions of single numbers.
  private func feedsDenseOnly(_ value: ValueID) -> Bool {
    var pending = [value]
    var found = false
    while let next = pending.popLast() {
      if source.outputs.contains(next) { return false }
      for index in uses.readers[next] ?? [] {
        let node = source.nodes[index]
        switch node.operation {
        case .dense:
          guard node.inputs[0] == next, let weights = node.inputs[1],
            source.values[weights].constant != nil,
            source.values[weights].quantization?.axis ?? 0 == 0
          else { return false }
          found = true
        case .unary, .quantize, .dequantize: pending.append(node.outputs[0])
        default: return false
        }
      }
    }
    return found
  }
}
