import CHeadrace

/// HRM_TRANSPOSE: axes in another order.
enum Transpose: Operator {
  static var name: StaticString { "transpose" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    let x = op.input(0).pointee
    let y = op.output().pointee
    try op.require(x.rank == y.rank, "input and output differ in rank")
    var seen: UInt32 = 0
    for axis in 0..<Int(y.rank) {
      let source = source(op, axis)
      try op.require(source >= 0 && source < Int32(x.rank), "axis out of range")
      try op.require(seen >> UInt32(source) & 1 == 0, "an axis appears twice")
      seen |= 1 << UInt32(source)
      try op.require(y[dim: axis] == x[dim: Int(source)], "shape of the output")
    }
  }

  /// The axis of x that is axis `axis` of y.
  private static func source(_ op: OperatorView, _ axis: Int) -> Int32 {
    element(axis, of: op.parameters(hrm_transpose.self).permutation)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    var copy = StridedCopy(elementBytes: y.elementBytes)
    for axis in 0..<Int(y.rank) {
      copy.append(
        y[dim: axis], source: x.stride(Int(source(op, axis))), destination: y.stride(axis))
    }
    copy.run(
      from: memory.read(op.input(0)), to: memory.write(op.output()), part: part, of: parts)
  }
}
