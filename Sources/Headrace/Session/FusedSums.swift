import CHeadrace

/// Which convolutions add what the sum behind them would add, and store its outputs instead of their own: on
/// x86-64 those of float32 whose outputs nothing but that sum reads. The results are the same, bit for bit.
struct FusedSums {
  /// For each operator 1 if it does.
  private let isFused: UnsafeMutablePointer<UInt8>

  /// Both have an element for each operator, which is zero; `counts` are zero again afterwards.
  init(
    _ view: ModelView, _ isFused: UnsafeMutablePointer<UInt8>,
    counts: UnsafeMutablePointer<UInt64>
  ) {
    self.isFused = isFused
    #if arch(x86_64)
    let operators = 0..<view.operatorCount
    func countReader(_ tensor: UnsafePointer<hrm_tensor>) {
      if tensor.pointee.producer != HRM_NONE { counts[Int(tensor.pointee.producer)] &+= 1 }
    }
    for op in operators {
      let op = view[operator: op]
      for position in 0..<op.inputCount { op.optionalInput(position).map(countReader) }
    }
    for output in 0..<view.outputCount { countReader(view.output(output)) }
    for index in operators {
      if counts[index] == 1, index &+ 1 < operators.upperBound,
        Self.fuse(view[operator: index], view[operator: index &+ 1])
      {
        isFused[index] = 1
      }
      counts[index] = 0
    }
    #endif
  }

  /// Whether the operator adds what the next one would.
  subscript(operator index: Int) -> Bool {
    #if arch(x86_64)
    isFused[index] != 0
    #else
    false
    #endif
  }

  #if arch(x86_64)
  private static func fuse(_ op: OperatorView, _ next: OperatorView) -> Bool {
    guard op.code == UInt16(HRM_CONV2D.rawValue), next.code == UInt16(HRM_BINARY.rawValue),
      op.output().pointee.isFloat,
      next.parameters(hrm_binary.self).function == Int32(HRM_ADD.rawValue),
      let addend = next.addend(of: op)
    else { return false }
    let conv = op.parameters(hrm_conv.self)
    let sum = next.output().pointee
    return conv.clamp_min == Int32(bitPattern: (-Float.infinity).bitPattern)
      && conv.clamp_max == Int32(bitPattern: Float.infinity.bitPattern)
      && op.output().pointee.hasSameShape(as: sum) && addend.pointee.hasSameShape(as: sum)
      && !Verifier.overlap(next.output(), op.input(0))
  }
  #endif
}

extension OperatorView {
  /// Of a sum of two, the operand that is not the output of `op`; nil if neither is that output.
  func addend(of op: OperatorView) -> UnsafePointer<hrm_tensor>? {
    input(0) == op.output() ? input(1) : input(1) == op.output() ? input(0) : nil
  }
}
