/// Puts buffers into an arena so that those alive together do not overlap, and the arena is small.
///
/// Greedy best fit in several orders, then a local search that moves what stands highest to the front
/// of the order, until the peak of live buffers is reached or nothing helps. (Finding the smallest
/// arena is NP-hard; Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
/// 2020, show that greedy by size is close.)
struct ArenaPacking: Equatable {
  var offsets: [Int]
  var bytes: Int

  static func pack(_ buffers: [ArenaBuffer], lowerBound: Int, attempts: Int = 2000) -> ArenaPacking
  {
    var best: (packing: ArenaPacking, order: [Int])?
    for order in orders(buffers) {
      let packing = bestFit(buffers, order)
      if packing.bytes < best?.packing.bytes ?? .max { best = (packing, order) }
      if packing.bytes <= lowerBound { return packing }
    }
    guard var current = best else { return ArenaPacking(offsets: [], bytes: 0) }
    var smallest = current.packing
    var random = LinearCongruential(state: 1)
    for _ in 0..<attempts {
      guard smallest.bytes > lowerBound else { break }
      var order = current.order
      perturb(&order, buffers, current.packing, &random)
      let packing = bestFit(buffers, order)
      if packing.bytes <= current.packing.bytes { current = (packing, order) }
      if packing.bytes < smallest.bytes { smallest = packing }
    }
    return smallest
  }

  /// Orders in which greedy placement does well on networks.
  private static func orders(_ buffers: [ArenaBuffer]) -> [[Int]] {
    func sorted(_ key: (ArenaBuffer) -> Int) -> [Int] {
      buffers.indices.sorted { (-key(buffers[$0]), $0) < (-key(buffers[$1]), $1) }
    }
    return [
      sorted { $0.bytes },
      sorted { $0.bytes * ($0.last - $0.first + 1) },
      sorted { $0.last - $0.first },
      sorted { -$0.first },
      sorted { $0.last },
    ]
  }

  /// Moves a buffer that ends at the arena's top, or one alive with it, to an earlier place.
  private static func perturb(
    _ order: inout [Int], _ buffers: [ArenaBuffer], _ packing: ArenaPacking,
    _ random: inout LinearCongruential
  ) {
    let top = order.filter { packing.offsets[$0] + buffers[$0].bytes == packing.bytes }
    let chosen = top[random.next(below: top.count)]
    let around = order.filter { buffers[$0].overlaps(buffers[chosen]) }
    let moved = random.next(below: 2) == 0 ? chosen : around[random.next(below: around.count)]
    let place = order.firstIndex(of: moved)!
    order.remove(at: place)
    order.insert(moved, at: random.next(below: place + 1))
  }

  /// Places each buffer in the smallest gap that holds it, or above all others.
  static func bestFit(_ buffers: [ArenaBuffer], _ order: [Int]) -> ArenaPacking {
    var offsets = Array(repeating: 0, count: buffers.count)
    var placed: [Int] = []  // by offset
    var bytes = 0
    for index in order {
      let buffer = buffers[index]
      var end = 0
      var best: (gap: Int, offset: Int)?
      for other in placed where buffers[other].overlaps(buffer) {
        let gap = offsets[other] - end
        if gap >= buffer.bytes, gap < best?.gap ?? .max { best = (gap, end) }
        end = max(end, offsets[other] + buffers[other].bytes)
      }
      let offset = best?.offset ?? end
      offsets[index] = offset
      bytes = max(bytes, offset + buffer.bytes)
      let place = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: place)
    }
    return ArenaPacking(offsets: offsets, bytes: bytes)
  }
}

/// Repeatable pseudo-random numbers (Knuth's MMIX constants).
struct LinearCongruential {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
