/// Lays a model's activations out in one arena.
enum Planner {
  /// Tries each candidate order of operators and returns the smallest arena; of equals, the first.
  static func plan(_ model: LoweredModel, inPlaceInput: (Int) -> Int?) -> ArenaPlan {
    var best: ArenaPlan?
    for order in OperatorOrder.candidates(model) {
      let lifetimes = Lifetimes(model, order: order, inPlaceInput: inPlaceInput)
      let bound = lifetimes.peak
      if let best, bound >= best.arenaBytes { continue }
      let packing = ArenaPacking.pack(lifetimes.buffers, lowerBound: bound)
      if let best, packing.bytes >= best.arenaBytes { continue }
      best = ArenaPlan(
        order: order,
        offsets: lifetimes.bufferOf.map { $0.map { packing.offsets[$0] } },
        arenaBytes: packing.bytes, lowerBound: bound)
    }
    return best!
  }
}
