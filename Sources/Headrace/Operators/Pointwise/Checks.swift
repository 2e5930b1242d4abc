import CHeadrace

// What `verify` of several operators checks.

extension OperatorView {
  /// All of `inputs` operands are there, and one output.
  func requireOperands(_ inputs: Int) throws(Failure) {
    try require(inputCount == inputs && outputCount == 1, "wrong number of operands")
    for position in 0..<inputs {
      try require(inputIndex(position) != HRM_NONE, "an operand is missing")
    }
  }

  /// x (or a) and y are of one activation type, with a zero point of that type.
  func requireActivations() throws(Failure) {
    try requireActivation(input(0).pointee)
    try requireActivation(output().pointee)
    try require(input(0).pointee.type == output().pointee.type, "input and output differ in type")
  }

  func requireActivation(_ tensor: hrm_tensor) throws(Failure) {
    try require(tensor.isActivation, "type of an operand")
    if !tensor.isFloat { try requireZeroPoint(tensor) }
  }

  /// int8 or int16, with a zero point of that type.
  func requireFixedPoint(_ tensor: hrm_tensor) throws(Failure) {
    try require(tensor.isInt8 || tensor.isInt16, "type of an operand")
    try requireZeroPoint(tensor)
  }

  private func requireZeroPoint(_ tensor: hrm_tensor) throws(Failure) {
    let limits: ClosedRange<Int32> = tensor.isInt8 ? -128...127 : 0...0
    try require(limits.contains(tensor.zero_point), "zero point out of range")
  }

  func requireSameShape() throws(Failure) {
    try require(
      input(0).pointee.hasSameShape(as: output().pointee), "input and output differ in shape")
  }

  /// A scale that `requantize` takes.
  func requireScale(
    _ multiplier: Int32, _ shift: Int32, shifts: ClosedRange<Int32> = 1...62
  ) throws(Failure) {
    try require(multiplier >= 0 && shifts.contains(shift), "multiplier or shift out of range")
  }

  /// A constant int32 tensor of `count` elements, in place.
  func requireTable(_ position: Int, count: Int) throws(Failure) -> UnsafePointer<Int32> {
    let tensor = input(position)
    try require(
      tensor.pointee.isConstant && tensor.pointee.isInt32 && tensor.pointee.elementCount == count,
      "type, storage or size of a table")
    return (model.constants + Int(tensor.pointee.offset)).assumingMemoryBound(to: Int32.self)
  }

  /// Input 0 if the output may take over its memory: as many bytes of it, in the arena.
  var elementwiseInPlaceInput: Int? {
    let x = input(0).pointee
    return !x.isConstant && x.bytes == output().pointee.bytes ? 0 : nil
  }
}

/// Calls the kernel for a tensor's type: float32, int8, or int16.
@inline(__always)
func choose<Kernel>(_ tensor: hrm_tensor, _ float: Kernel, _ int8: Kernel, _ int16: Kernel)
  -> Kernel
{
  tensor.isFloat ? float : tensor.isInt8 ? int8 : int16
}
