import CHeadrace

/// HRM_CONCAT: inputs one after the other along an axis.
enum Concat: Operator {
  static var name: StaticString { "concat" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.require(op.inputCount >= 1, "wrong number of operands")
    try op.requireOperands(op.inputCount)
    try op.requireActivations()
    let y = op.output().pointee
    let axis = op.parameters(hrm_concat.self).axis
    try op.require(axis >= 0 && axis < Int32(y.rank), "axis out of range")
    var sum: Int64 = 0
    for position in 0..<op.inputCount {
      let x = op.input(position).pointee
      try op.require(x.type == y.type && x.rank == y.rank, "operands differ in type or rank")
      for other in 0..<Int(y.rank) where other != Int(axis) {
        try op.require(x[dim: other] == y[dim: other], "operands differ in shape")
      }
      sum += Int64(x[dim: Int(axis)])
    }
    try op.require(sum == Int64(y[dim: Int(axis)]), "extents do not add up to the output's")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let axis = Int(op.parameters(hrm_concat.self).axis)
    let y = op.output().pointee
    let inner = y.stride(axis)
    let rows = y.elementCount / (inner * y[dim: axis])
    var destination = memory.write(op.output())
    for position in 0..<op.inputCount {
      let run = op.input(position).pointee[dim: axis] * inner
      var copy = StridedCopy(elementBytes: y.elementBytes)
      copy.append(rows, source: run, destination: y[dim: axis] * inner)
      copy.append(run, source: 1, destination: 1)
      copy.run(from: memory.read(op.input(position)), to: destination, part: part, of: parts)
      destination += run * y.elementBytes
    }
  }
}
