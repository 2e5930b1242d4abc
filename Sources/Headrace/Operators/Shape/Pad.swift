import CHeadrace

/// HRM_PAD: more elements around the input: a constant, its mirror image, or its edge.
enum Pad: Operator {
  static var name: StaticString { "pad" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    let x = op.input(0).pointee
    let y = op.output().pointee
    let parameters = op.parameters(hrm_pad.self)
    try op.require(x.rank == y.rank, "input and output differ in rank")
    try op.require(
      parameters.mode >= 1 && parameters.mode <= Int32(HRM_PAD_EDGE.rawValue), "unknown mode")
    let isReflection = parameters.mode == Int32(HRM_PAD_REFLECT.rawValue)
    for axis in 0..<Int(y.rank) {
      let extent = Int64(x[dim: axis])
      let before = Int64(parameters.before(axis))
      let after = Int64(y[dim: axis]) - extent - before
      try op.require(before >= 0 && after >= 0, "padding below zero")
      try op.require(
        !isReflection || (before < extent && after < extent), "reflection exceeds the input")
    }
    if y.isInt8 {
      try op.require((-128...127).contains(parameters.value), "padding value out of range")
    } else if y.isInt16 {
      try op.require((-32768...32767).contains(parameters.value), "padding value out of range")
    }
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let padding = Padding(op)
    let x = memory.read(op.input(0))
    let y = memory.write(op.output())
    for row in partition(padding.rows, part: part, of: parts) {
      padding.fillRow(row, from: x, to: y + row * padding.rowBytes)
    }
  }
}

extension hrm_pad {
  func before(_ axis: Int) -> Int32 { element(axis, of: before) }
}
