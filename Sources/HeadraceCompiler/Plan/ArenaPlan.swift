/// Where every activation lies in the arena.
struct ArenaPlan {
  /// In which order the operators run: indices into the model's operators.
  var order: [Int]
  /// By tensor, in bytes; nil for constants.
  var offsets: [Int?]
  var arenaBytes: Int
  /// The peak of the tensors alive together, which no plan of this order can go below.
  var lowerBound: Int
}

/// A stretch of arena memory: a tensor, or several that take it over in place, one from the other.
struct ArenaBuffer: Equatable {
  /// A multiple of 64.
  var bytes: Int
  /// Steps of the run, inclusive. Operator i runs at step i; inputs are written at step -1, outputs
  /// read at the step after the last.
  var first: Int
  var last: Int

  func overlaps(_ other: ArenaBuffer) -> Bool { first <= other.last && other.first <= last }
}

/// When each tensor of a model is alive.
struct Lifetimes {
  var buffers: [ArenaBuffer] = []
  /// The buffer of each tensor; nil for constants and tensors that nothing touches.
  var bufferOf: [Int?]

  /// `inPlaceInput` names, for an operator, the input position whose memory the output may take over.
  init(_ model: LoweredModel, order: [Int], inPlaceInput: (Int) -> Int?) {
    bufferOf = Array(repeating: nil, count: model.tensors.count)
    var lastUse = Array(repeating: -1, count: model.tensors.count)
    for (step, index) in order.enumerated() {
      for input in model.operators[index].inputs { if let input { lastUse[input] = step } }
    }
    for output in model.outputs { lastUse[output] = order.count }
    for input in model.inputs { open(model, input, at: -1, until: lastUse[input]) }
    for (step, index) in order.enumerated() {
      let op = model.operators[index]
      if let position = inPlaceInput(index), let input = op.inputs[position],
        let buffer = bufferOf[input], lastUse[input] == step, let output = op.outputs.first,
        op.inputs.count(where: { $0 == input }) == 1,
        model.tensors[output].byteCount == model.tensors[input].byteCount
      {
        bufferOf[output] = buffer
        buffers[buffer].last = max(step, lastUse[output])
      }
      for output in op.outputs where bufferOf[output] == nil {
        open(model, output, at: step, until: max(step, lastUse[output]))
      }
    }
  }

  private mutating func open(_ model: LoweredModel, _ tensor: Int, at first: Int, until last: Int) {
    bufferOf[tensor] = buffers.count
    buffers.append(
      ArenaBuffer(
        bytes: (model.tensors[tensor].byteCount + 63) & ~63, first: first, last: max(first, last)))
  }

  /// The most bytes that are alive at one step.
  var peak: Int {
    guard let last = buffers.map(\.last).max() else { return 0 }
    var change = Array(repeating: 0, count: last + 3)
    for buffer in buffers {
      change[buffer.first + 1] += buffer.bytes
      change[buffer.last + 2] -= buffer.bytes
    }
    var alive = 0
    var most = 0
    for difference in change {
      alive += difference
      most = max(most, alive)
    }
    return most
  }
}
