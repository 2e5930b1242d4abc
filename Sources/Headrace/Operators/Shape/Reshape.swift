import CHeadrace

/// HRM_RESHAPE: the same elements in other dims; nothing to do in place.
enum Reshape: Operator {
  static var name: StaticString { "reshape" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(1)
    try op.requireActivations()
    try op.require(
      op.input(0).pointee.bytes == op.output().pointee.bytes, "input and output differ in size")
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    Movement.parts(op, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = memory.read(op.input(0))
    let y = memory.write(op.output())
    if x == UnsafeRawPointer(y) { return }
    let range = partition(Int(op.output().pointee.bytes), part: part, of: parts)
    (y + range.lowerBound).copyMemory(from: x + range.lowerBound, byteCount: range.count)
  }

  static func inPlaceInput(_ op: OperatorView) -> Int? { op.elementwiseInPlaceInput }
}
