import CHeadrace
import Testing

@testable import HeadraceCompiler

@Suite struct PlanArenaTests {
  /// Buffers with random sizes and lifetimes, the same on every run.
  private func randomBuffers(_ count: Int, steps: Int, seed: UInt64) -> [ArenaBuffer] {
    var random = LinearCongruential(state: seed)
    return (0..<count).map { _ in
      let first = random.next(below: steps)
      return ArenaBuffer(
        bytes: 64 * (1 + random.next(below: 20)), first: first,
        last: first + random.next(below: steps - first))
    }
  }

  private func peak(_ buffers: [ArenaBuffer]) -> Int {
    buffers.map { at in
      buffers.filter { $0.first <= at.first && at.first <= $0.last }.reduce(0) { $0 + $1.bytes }
    }.max()!
  }

  @Test(arguments: 1...40)
  func buffersAliveTogetherNeverOverlap(seed: UInt64) {
    let buffers = randomBuffers(30, steps: 20, seed: seed)
    let packing = ArenaPacking.pack(buffers, lowerBound: peak(buffers), attempts: 50)
    for a in buffers.indices {
      #expect(packing.offsets[a] % 64 == 0)
      #expect(packing.offsets[a] + buffers[a].bytes <= packing.bytes)
      for b in buffers.indices where b > a && buffers[a].overlaps(buffers[b]) {
        let apart =
          packing.offsets[a] + buffers[a].bytes <= packing.offsets[b]
          || packing.offsets[b] + buffers[b].bytes <= packing.offsets[a]
        #expect(apart)
      }
    }
  }

  /// The smallest arena by trying all orders: every packing in which nothing can move down comes from
  /// placing buffers in the order of their offsets, each as low as those before it allow.
  private func smallestArena(_ buffers: [ArenaBuffer]) -> Int {
    var best = Int.max
    func place(_ offsets: [Int?]) {
      let end = zip(offsets, buffers).map { ($0 ?? 0) + ($0 == nil ? 0 : $1.bytes) }.max() ?? 0
      guard end < best else { return }
      guard offsets.contains(where: { $0 == nil }) else {
        best = end
        return
      }
      for index in buffers.indices where offsets[index] == nil {
        let below = buffers.indices.compactMap { other in
          buffers[other].overlaps(buffers[index])
            ? offsets[other].map { $0 + buffers[other].bytes } : nil
        }
        var next = offsets
        next[index] = below.max() ?? 0
        place(next)
      }
    }
    place(Array(repeating: nil, count: buffers.count))
    return best
  }

  @Test(arguments: 1...30)
  func smallCasesArePackedAsWellAsByTryingEverything(seed: UInt64) {
    let buffers = randomBuffers(7, steps: 6, seed: seed)
    let packing = ArenaPacking.pack(buffers, lowerBound: peak(buffers))
    #expect(packing.bytes == smallestArena(buffers))
  }

  /// x -> a -> b -> ... of equal sizes, each operator in place.
  @Test func aChainOfInPlaceOperatorsNeedsOneBuffer() {
    var model = LoweredModel()
    let tensors = (0..<5).map { _ in model.add(.activation([1, 100])) }
    model.inputs = [tensors[0]]
    model.outputs = [tensors[4]]
    for index in 0..<4 { model.addUnary(tensors[index], tensors[index + 1]) }
    let plan = Planner.plan(model) { _ in 0 }
    #expect(plan.arenaBytes == 448)
    #expect(plan.lowerBound == 448)
    #expect(Set(tensors.map { plan.offsets[$0] }) == [0])
  }

  @Test func anInputThatIsReadAgainIsNotTakenOver() {
    var model = LoweredModel()
    let x = model.add(.activation([64]))
    let a = model.add(.activation([64]))
    let b = model.add(.activation([64]))
    (model.inputs, model.outputs) = ([x], [b])
    model.addUnary(x, a)
    model.operators.append(.make(HRM_BINARY, [a, x], b))
    let plan = Planner.plan(model) { _ in 0 }
    #expect(plan.offsets[x] != plan.offsets[a])
    #expect(plan.offsets[a] == plan.offsets[b])
  }

  @Test func anOperandThatIsReadTwiceByOneOperatorIsNotTakenOver() {
    var model = LoweredModel()
    let x = model.add(.activation([64]))
    let y = model.add(.activation([64]))
    (model.inputs, model.outputs) = ([x], [y])
    model.operators.append(.make(HRM_BINARY, [x, x], y))
    #expect(Planner.plan(model) { _ in 0 }.arenaBytes == 512)
  }

  /// Two branches that begin wide and end narrow: run one behind the other, only one wide tensor is
  /// alive at a time.
  @Test func branchesAreReorderedWhereThatSavesMemory() {
    var model = LoweredModel()
    let x = model.add(.activation([16]))
    let wide = (0..<2).map { _ in model.add(.activation([4096])) }
    let narrow = (0..<2).map { _ in model.add(.activation([16])) }
    let y = model.add(.activation([16]))
    (model.inputs, model.outputs) = ([x], [y])
    model.addUnary(x, wide[0])
    model.addUnary(x, wide[1])
    model.addUnary(wide[0], narrow[0])
    model.addUnary(wide[1], narrow[1])
    model.operators.append(.make(HRM_BINARY, narrow, y))
    let plan = Planner.plan(model) { _ in nil }
    #expect(plan.arenaBytes < 2 * 4 * 4096)
    #expect(plan.order != [0, 1, 2, 3, 4])
    for (step, index) in plan.order.enumerated() {
      for input in model.operators[index].inputs.compactMap({ $0 }) {
        let producer = model.operators.firstIndex { $0.outputs == [input] }
        if let producer { #expect(plan.order.firstIndex(of: producer)! < step) }
      }
    }
  }

  @Test func theLowerBoundIsThePeakOfLiveTensors() {
    var model = LoweredModel()
    let sizes = [100, 300, 200, 50]
    let tensors = sizes.map { model.add(.activation([$0 * 16])) }
    (model.inputs, model.outputs) = ([tensors[0]], [tensors[3]])
    for index in 0..<3 { model.addUnary(tensors[index], tensors[index + 1]) }
    #expect(Planner.plan(model) { _ in nil }.lowerBound == 500 * 64)
  }

  /// The largest of 3 x 3 again and again: two activations are alive at a time.
  @Test func activationsOfMoreThanAnArenaAreNoneTooManyOneAfterTheOther() throws {
    var network = LowerNetwork(input: [1, 1080, 1920, 64])
    var x = network.input
    for _ in 0..<8 { x = network.largest(x) }
    network.graph.outputs = [x]
    let compiled = try ModelWriter.write(Lowering.lower(network.graph))
    let bytes: Int = 4 * 64 * 1080 * 1920
    let arena: Int = 1 << 32
    #expect(9 * bytes > arena)
    #expect(compiled.plan.arenaBytes == 2 * bytes)
  }

  /// Five activations of 1 GiB, each of which a sum at the end reads.
  @Test func anArenaOf4GiBIsRefusedWithItsSizeAndWhatToDo() throws {
    var network = LowerNetwork(input: [1, 2048, 2048, 64])
    var activations = [network.input]
    for _ in 0..<4 { activations.append(network.largest(activations.last!)) }
    network.graph.outputs = [
      activations.dropLast().reduce(activations.last!) {
        network.add(.binary(.add, clamp: nil), [$0, $1], [1, 2048, 2048, 64])
      }
    ]
    let model = try Lowering.lower(network.graph)
    let error = #expect(throws: CompilerError.self) { try ModelWriter.write(model) }
    #expect(error?.location == nil)
    #expect(error?.message.contains("5368709120 bytes") ?? false)
    #expect(error?.message.contains("smaller inputs") ?? false)
  }
}

extension LowerNetwork {
  /// The largest of 3 x 3 around.
  fileprivate mutating func largest(_ x: Graph.ValueID) -> Graph.ValueID {
    var pool = Pool(.max, kernel: [3, 3])
    pool.pads = [1, 1, 1, 1]
    return add(.pool(pool), [x], graph.values[x].shape)
  }
}

extension LoweredModel.Tensor {
  static func activation(_ dims: [Int]) -> Self {
    LoweredModel.Tensor(name: "t", format: .float, dims: dims, sourceRank: dims.count)
  }
}

extension LoweredModel.Operator {
  static func make(_ code: hrm_code, _ inputs: [Int], _ output: Int) -> Self {
    LoweredModel.Operator(
      name: "", code: code, inputs: inputs, outputs: [output],
      parameters: Array(repeating: 0, count: 16))
  }
}

extension LoweredModel {
  fileprivate mutating func addUnary(_ x: Int, _ y: Int) {
    operators.append(.make(HRM_UNARY, [x], y))
  }
}
