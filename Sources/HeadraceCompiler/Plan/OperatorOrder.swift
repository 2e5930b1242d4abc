/// Orders in which a model's operators can run, for the planner to choose among.
enum OperatorOrder {
  /// The model's own order first; then a depth-first one from the outputs and one that, step by step,
  /// keeps the least memory alive. Those that are the same appear once.
  static func candidates(_ model: LoweredModel) -> [[Int]] {
    var orders = [Array(model.operators.indices)]
    for order in [depthFirst(model), leastMemory(model)] where !orders.contains(order) {
      orders.append(order)
    }
    return orders
  }

  private static func producers(_ model: LoweredModel) -> [Int?] {
    var producers: [Int?] = Array(repeating: nil, count: model.tensors.count)
    for (index, op) in model.operators.enumerated() {
      for output in op.outputs { producers[output] = index }
    }
    return producers
  }

  /// Everything that an operator needs, then the operator: the branch that needs the largest result
  /// first. Without recursion, for deep networks.
  private static func depthFirst(_ model: LoweredModel) -> [Int] {
    let producers = producers(model)
    var order: [Int] = []
    var visited = Array(repeating: false, count: model.operators.count)
    func dependencies(_ index: Int) -> [Int] {
      model.operators[index].inputs.compactMap { $0 }
        .sorted { model.tensors[$0].byteCount > model.tensors[$1].byteCount }
        .compactMap { producers[$0] }
    }
    let roots = model.outputs.compactMap { producers[$0] } + model.operators.indices
    for root in roots where !visited[root] {
      visited[root] = true
      var stack = [(index: root, pending: ArraySlice(dependencies(root)))]
      while let top = stack.last {
        if let next = top.pending.first {
          stack[stack.count - 1].pending.removeFirst()
          if !visited[next] {
            visited[next] = true
            stack.append((next, ArraySlice(dependencies(next))))
          }
        } else {
          order.append(top.index)
          stack.removeLast()
        }
      }
    }
    return order
  }

  /// Of the operators that can run, always the one after which the fewest bytes are alive.
  private static func leastMemory(_ model: LoweredModel) -> [Int] {
    let producers = producers(model)
    var readers = Array(repeating: 0, count: model.tensors.count)
    var consumers: [[Int]] = Array(repeating: [], count: model.tensors.count)
    var waiting = Array(repeating: 0, count: model.operators.count)
    for (index, op) in model.operators.enumerated() {
      for tensor in Set(op.inputs.compactMap { $0 }) {
        readers[tensor] += 1
        if producers[tensor] != nil {
          consumers[tensor].append(index)
          waiting[index] += 1
        }
      }
    }
    for output in model.outputs { readers[output] += 1 }
    var ready = model.operators.indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    func growth(_ index: Int) -> Int {
      let op = model.operators[index]
      let freed = Set(op.inputs.compactMap { $0 })
        .filter { readers[$0] == 1 && !model.tensors[$0].isConstant }
        .reduce(0) { $0 + model.tensors[$1].byteCount }
      return op.outputs.reduce(-freed) { $0 + model.tensors[$1].byteCount }
    }
    while let place = ready.indices.min(by: {
      (growth(ready[$0]), ready[$0]) < (growth(ready[$1]), ready[$1])
    }) {
      let index = ready.remove(at: place)
      order.append(index)
      let op = model.operators[index]
      for tensor in Set(op.inputs.compactMap { $0 }) { readers[tensor] -= 1 }
      for consumer in op.outputs.flatMap({ consumers[$0] }) {
        waiting[consumer] -= 1
        if waiting[consumer] == 0 { ready.append(consumer) }
      }
    }
    return order
  }
}
