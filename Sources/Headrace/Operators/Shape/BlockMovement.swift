import CHeadrace

/// Moves elements between blocks of pixels and channels.
protocol BlockMovement: Operator {
  /// Whether the input is the deep tensor of the two.
  static var isFromDeep: Bool { get }
}

/// HRM_DEPTH_TO_SPACE: channels become blocks of pixels.
enum DepthToSpace: BlockMovement {
  static var name: StaticString { "depth_to_space" }
  static var isFromDeep: Bool { true }
}

/// HRM_SPACE_TO_DEPTH: blocks of pixels become channels.
enum SpaceToDepth: BlockMovement {
  static var name: StaticString { "space_to_depth" }
  static var isFromDeep: Bool { false }
}

extension BlockMovement {
  private static func layout(_ op: OperatorView) -> BlockLayout {
    let (x, y) = (op.input(0).pointee, op.output().pointee)
    return BlockLayout(
      deep: isFromDeep ? x : y, wide: isFromDeep ? y : x,
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
    layout(op).copy(fromDeep: isFromDeep).run(
      from: memory.read(op.input(0)), to: memory.write(op.output()), part: part, of: parts)
  }
}
