import CHeadrace

/// HRM_RESIZE of height and width: nearest or bilinear, as the tables of indices and weights say.
enum Resize: Operator {
  static var name: StaticString { "resize" }

  static func verify(_ op: OperatorView) throws(Failure) {
    try op.requireOperands(3)
    try op.requireActivations()
    let x = op.input(0).pointee
    let y = op.output().pointee
    try op.require(
      x.rank == 4 && y.rank == 4 && x.batch == y.batch && x.channels == y.channels,
      "input and output differ in batch or channels")
    try verifyTaps(op, 1, count: y.height, extent: x.height)
    try verifyTaps(op, 2, count: y.width, extent: x.width)
  }

  private static func verifyTaps(
    _ op: OperatorView, _ position: Int, count: Int, extent: Int
  ) throws(Failure) {
    try op.require(count <= Int(Int32.max) / 3, "size of the output")
    let taps = try op.requireTable(position, count: 3 * count)
    let isFloat = op.output().pointee.isFloat
    for index in 0..<count {
      let tap = taps + 3 * index
      try op.require(
        tap[0] >= 0 && tap[1] >= 0 && Int(tap[0]) < extent && Int(tap[1]) < extent,
        "source index out of range")
      let isWeight =
        isFloat
        ? Float(bitPattern: UInt32(bitPattern: tap[2])).isFinite : (0...16384).contains(tap[2])
      try op.require(isWeight, "weight out of range")
    }
  }

  static func parts(_ op: OperatorView, threads: Int) -> Int {
    let y = op.output().pointee
    return worthwhileParts(cost: y.elementCount, items: y.batch * y.height, threads: threads)
  }

  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let taps = memory.read(op.input(1), as: Int32.self)
    let rowBytes = x.width * x.channels * x.elementBytes
    var args = hr_resize_args()
    args.columns = memory.read(op.input(2), as: Int32.self)
    args.width = y.width
    args.channels = y.channels
    let kernels = memory.kernels.pointee.pointwise
    let kernel = choose(y, kernels.resize_f32, kernels.resize_s8, kernels.resize_s16)!
    for row in partition(y.batch * y.height, part: part, of: parts) {
      let tap = taps + 3 * (row % y.height)
      let image = memory.read(op.input(0)) + row / y.height * x.height * rowBytes
      args.row0 = image + Int(tap[0]) * rowBytes
      args.row1 = image + Int(tap[1]) * rowBytes
      args.y = memory.write(op.output()) + row * y.width * y.channels * y.elementBytes
      args.weight = tap[2]
      kernel(&args)
    }
  }
}
