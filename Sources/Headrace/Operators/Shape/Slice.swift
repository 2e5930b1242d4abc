import CHeadrace

/// HRM_SLICE: every step-th element from `begin` on, along each axis.
enum Slice: Operator {
  static var name: StaticString { "slice" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    let x = op.input(0).pointee
    let y = op.output().pointee
    try op.require(x.rank == y.rank, "input and output differ in rank")
    for axis in 0..<Int(x.rank) {
      let (begin, step) = range(op, axis)
      let extents = 0..<Int64(x[dim: axis])
      try op.require(step != 0, "step is zero")
      // The magnitude of the product stays below 2^63.
      let last = Int64(begin) + (Int64(y[dim: axis]) - 1) * Int64(step)
      try op.require(
        extents.contains(Int64(begin)) && extents.contains(last), "slice exceeds its input")
    }
  }

  private static func range(_ op: OperatorView, _ axis: Int) -> (begin: Int32, step: Int32) {
    let parameters = op.parameters(hrm_slice.self)
    return (element(axis, of: parameters.begin), element(axis, of: parameters.step))
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    var copy = StridedCopy(elementBytes: y.elementBytes)
    var first = 0
    for axis in 0..<Int(y.rank) {
      let (begin, step) = range(op, axis)
      let stride = x.stride(axis)
      first += Int(begin) * stride
      // An axis of one element may have any step; its product could exceed 31 bits.
      let source = y[dim: axis] == 1 ? 0 : Int(step) * stride
      copy.append(y[dim: axis], source: source, destination: y.stride(axis))
    }
    copy.run(
      from: memory.read(op.input(0)) + first * y.elementBytes, to: memory.write(op.output()),
      part: part, of: parts)
  }
}
