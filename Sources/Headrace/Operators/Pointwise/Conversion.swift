import CHeadrace

/// What QUANTIZE, DEQUANTIZE and REQUANTIZE share: an element for an element, of another type or scale.
enum Conversion {
  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let count = op.output().pointee.elementCount
    return worthwhileParts(cost: count, items: count, threads: threads)
  }

  static func requireScale(_ op: OperatorView, _ tensor: hrm_tensor) throws(Failure) {
    try op.require(tensor.scale > 0 && tensor.scale.isFinite, "scale out of range")
  }

  /// The arguments for one part; `scale` is up to the caller.
  static func args(
    _ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int
  ) -> hr_convert_args {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let range = partition(y.elementCount, part: part, of: parts)
    var args = hr_convert_args()
    args.x = memory.read(op.input(0)) + range.lowerBound * x.elementBytes
    args.y = memory.write(op.output()) + range.lowerBound * y.elementBytes
    args.count = range.count
    args.zero_x = x.zero_point
    args.zero_y = y.zero_point
    return args
  }
}
