import CHeadrace

/// HRM_DEPTH_TO_SPACE: channels become blocks of pixels.
enum DepthToSpace: Operator {
  static var name: StaticString { "depth_to_space" }

  private static func layout(_ op: OperatorView) -> BlockLayout {
    BlockLayout(
      deep: op.input(0).pointee, wide: op.output().pointee,
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
    layout(op).copy(fromDeep: true).run(
      from: memory.read(op.input(0)), to: memory.write(op.output()), part: part, of: parts)
  }
}
