import CHeadrace

/// What operators that only move data share.
enum Movement {
  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    // Copying costs about a quarter of arithmetic, by the byte.
    return worthwhileParts(
      cost: Int(y.bytes) / 4, items: y.elementCount, threads: threads)
  }
}

extension hrm_tensor {
  /// Elements from one index of axis `axis` to the next.
  func stride(_ axis: Int) -> Int {
    var stride = 1
    for inner in (axis + 1)..<max(Int(rank), axis + 1) { stride *= self[dim: inner] }
    return stride
  }
}
