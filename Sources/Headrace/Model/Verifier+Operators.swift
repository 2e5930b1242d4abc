import CHeadrace

extension Verifier {
  /// How often a constant may be read in total, on average, per byte of the file: operators check
  /// their constants, and sharing without bound would make that slower than linear.
  private static var sharingLimit: UInt64 { 256 }

  /// Every operator in turn: its operands, the order of the graph, its own rules, its extents in the
  /// arena, its scratch.
  func verifyOperators() throws(Failure) {
    var operandCount: UInt64 = 0
    var constantBytes: UInt64 = 0
    for index in 0..<Int(header.operator_count) {
      let op = view[operator: index]
      try verifyOperands(op, first: operandCount)
      operandCount += UInt64(op.record.pointee.input_count) + UInt64(op.record.pointee.output_count)
      constantBytes += self.constantBytes(op)
      guard constantBytes / Self.sharingLimit <= header.file_bytes else {
        throw op.bad("constants are shared by too many operators")
      }
      try verifyInputs(op)
      try verifyOutputs(op)
      let functions = try implementation(op)
      try verifyExtents(op, inPlace: functions.inPlaceInput(op))
    }
    guard operandCount == UInt64(header.operand_count) else {
      throw .badModel("the operators do not use all operands")
    }
  }

  /// Operands stand one operator behind the other, so that each belongs to one.
  private func verifyOperands(_ op: OperatorView, first: UInt64) throws(Failure) {
    let record = op.record.pointee
    try op.require(
      record.reserved == 0 && record.reserved2 == 0 && record.reserved3 == 0,
      "reserved fields of an operator are not zero")
    try op.require(record.macs <= UInt64(Int64.max), "an operator's number of MACs is out of range")
    let end = first + UInt64(record.input_count) + UInt64(record.output_count)
    try op.require(
      UInt64(record.first_operand) == first && end <= UInt64(header.operand_count),
      "an operator's operands are out of range")
    try op.require((1...8).contains(record.output_count), "an operator without outputs")
  }

  private func constantBytes(_ op: OperatorView) -> UInt64 {
    var bytes: UInt64 = 0
    for position in 0..<op.inputCount where op.inputIndex(position) < header.tensor_count {
      let tensor = op.input(position)
      if tensor.pointee.isConstant { bytes += UInt64(tensor.pointee.bytes) }
    }
    return bytes
  }

  /// Each input is absent, a constant, a model input, or made by an earlier operator.
  private func verifyInputs(_ op: OperatorView) throws(Failure) {
    for position in 0..<op.inputCount where op.inputIndex(position) != HRM_NONE {
      let index = op.inputIndex(position)
      try op.require(index < header.tensor_count, "an operator's input is not a tensor")
      let tensor = op.input(position)
      try verifyArithmetic(op, tensor)
      guard !tensor.pointee.isConstant else { continue }
      try op.require(
        tensor.pointee.producer == HRM_NONE
          ? isModelInput(index) : Int(tensor.pointee.producer) < op.index,
        "an operator reads a tensor before it is written")
    }
  }

  /// Each output is in the arena and made by this operator alone.
  private func verifyOutputs(_ op: OperatorView) throws(Failure) {
    for position in 0..<op.outputCount {
      let index = view.operands[
        Int(op.record.pointee.first_operand) + op.inputCount + position]
      try op.require(index < header.tensor_count, "an operator's output is not a tensor")
      let tensor = op.output(position)
      try verifyArithmetic(op, tensor)
      try op.require(
        !tensor.pointee.isConstant && Int(tensor.pointee.producer) == op.index,
        "an operator writes a constant, a model input or another operator's output")
    }
  }

  /// A model that says it needs no floating point has no operator on floating-point numbers, and the
  /// program has kernels for the type.
  private func verifyArithmetic(
    _ op: OperatorView, _ tensor: UnsafePointer<hrm_tensor>
  ) throws(Failure) {
    try op.require(
      header.flags & UInt32(HRM_USES_FLOAT) != 0 || !tensor.pointee.isFloat,
      "a float32 operand in a model that says it uses none")
    guard operators.pointee.takes(tensor.pointee) else {
      var failure = Failure(
        HR_UNSUPPORTED_OPERATOR, "an operand of a type that the set of operators does not take",
        remedy: "open the model with hr_operators_all()")
      failure.operatorIndex = UInt32(op.index)
      throw failure
    }
  }

  /// What carries the operator out, which has found it in order.
  private func implementation(_ op: OperatorView) throws(Failure) -> OperatorFunctions {
    let functions: OperatorFunctions
    do throws(Failure) {
      guard let found = operators.pointee.find(op.code) else {
        throw operators.pointee.lacksOperator
      }
      functions = found
      try functions.verify(op)
    } catch {
      var failure = error
      failure.operatorIndex = UInt32(op.index)
      throw failure
    }
    let scratch = functions.scratchBytes(op)
    guard scratch >= 0, scratch <= Int(header.scratch_bytes) else {
      var failure = op.bad("the model's scratch memory is too small for an operator")
      failure.tell(needed: UInt64(max(scratch, 0)), available: UInt64(header.scratch_bytes))
      throw failure
    }
    return functions
  }

  /// An output shares no byte of the arena with an input, except the whole of one that the operator
  /// may work on in place, nor with another output.
  private func verifyExtents(_ op: OperatorView, inPlace: Int?) throws(Failure) {
    for position in 0..<op.outputCount {
      let output = op.output(position)
      for input in 0..<op.inputCount where op.inputIndex(input) != HRM_NONE {
        let tensor = op.input(input)
        guard Self.overlap(output, tensor) else { continue }
        try op.require(
          position == 0 && input == inPlace && tensor.pointee.offset == output.pointee.offset
            && tensor.pointee.bytes == output.pointee.bytes,
          "an operator's output overlaps its input in the arena")
      }
      for other in 0..<position {
        try op.require(
          !Self.overlap(output, op.output(other)), "two outputs of an operator overlap")
      }
    }
  }
}
