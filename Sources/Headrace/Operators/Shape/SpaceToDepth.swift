import CHeadrace

/// HRM_SPACE_TO_DEPTH: blocks of pixels become channels.
enum SpaceToDepth: Operator {
  static var name: StaticString { "space_to_depth" }

  private static func layout(_ op: OperatorView) -> BlockLayout {
    BlockLayout(
      deep: op.output().pointee, wide: op.input(0).pointee,
      parameters: op.parameters(hrm_block.self))
  }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try layout(op).verify(op)
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    layout(op).copy(fromDeep: false).run(
      from: memory.read(op.input(0)), to: memory.write(op.output()), part: part, of: parts)
  }
}
