import CHeadrace

extension Verifier {
  func verifyTensors() throws(Failure) {
    var produced: UInt32 = 0
    var arenaBytes: UInt64 = 0
    for index in 0..<header.tensor_count {
      let tensor = view.tensors + Int(index)
      do throws(Failure) {
        try verifyShape(tensor)
        try verifyPlace(tensor)
        try verifyMeaning(tensor)
      } catch {
        var failure = error
        failure.tell(tensor: index)
        throw failure
      }
      if tensor.pointee.producer != HRM_NONE { produced += 1 }
      if !tensor.pointee.isConstant {
        let alignment = UInt64(HRM_ALIGNMENT)
        arenaBytes += (UInt64(tensor.pointee.bytes) + alignment - 1) & ~(alignment - 1)
      }
    }
    // A small file might ask for all of a board's memory else.
    guard header.arena_bytes <= arenaBytes else {
      throw .badModel("the arena is larger than its tensors together")
    }
    // With `verifyOperators`, which finds that each output names its operator as its producer and that
    // no operator has an output twice, equal numbers mean that no tensor names another one.
    var outputs: UInt64 = 0
    for index in 0..<Int(header.operator_count) {
      outputs += UInt64(view.operators[index].output_count)
    }
    guard outputs == UInt64(produced) else {
      throw .badModel("a tensor names a producer that does not produce it")
    }
  }

  /// Type, rank, dims, and bytes as their product.
  private func verifyShape(_ tensor: UnsafePointer<hrm_tensor>) throws(Failure) {
    let record = tensor.pointee
    guard (HRM_FLOAT32.rawValue...HRM_INT64.rawValue).contains(UInt32(record.type)) else {
      throw .badModel("unknown tensor type")
    }
    guard (1...UInt8(HRM_MAX_RANK)).contains(record.rank) else {
      throw .badModel("a tensor's rank is not 1 ... 6")
    }
    var bytes = UInt64(record.elementBytes)
    for axis in 0..<Int(HRM_MAX_RANK) {
      let dim = element(axis, of: record.dims)
      let (product, overflow) = bytes.multipliedReportingOverflow(by: UInt64(dim))
      guard axis < Int(record.rank) ? dim >= 1 : dim == 1, !overflow else {
        throw .badModel("a tensor's dims are out of range")
      }
      bytes = product
    }
    guard bytes == UInt64(record.bytes) else {
      throw .badModel("a tensor's size is not the product of its dims")
    }
  }

  /// Storage, offset and producer.
  private func verifyPlace(_ tensor: UnsafePointer<hrm_tensor>) throws(Failure) {
    let record = tensor.pointee
    let room: UInt64
    switch UInt32(record.storage) {
    case HRM_ARENA.rawValue: room = header.arena_bytes
    case HRM_CONSTANT.rawValue: room = header.constants_bytes
    default: throw .badModel("unknown tensor storage")
    }
    let end = UInt64(record.offset) + UInt64(record.bytes)
    guard record.offset % UInt32(HRM_ALIGNMENT) == 0, end <= room else {
      throw .badModel("a tensor is not aligned, or not inside its arena or constants")
    }
    guard
      record.producer == HRM_NONE
        || record.producer < header.operator_count && !record.isConstant
    else { throw .badModel("a tensor's producer is not an operator") }
  }

  /// Name, quantization and what is told to people.
  private func verifyMeaning(_ tensor: UnsafePointer<hrm_tensor>) throws(Failure) {
    let record = tensor.pointee
    guard
      record.reserved == 0, record.flags & ~UInt8(HRM_CHANNELS_FIRST_SOURCE) == 0,
      record.source_rank <= UInt32(HRM_MAX_RANK), record.name < header.strings_bytes
    else { throw .badModel("a tensor's flags, rank or name are out of range") }
    // Compared as bits, so that a fixed-point model is opened without floating point: a positive
    // finite float, or zero.
    guard record.scale.bitPattern < Float.infinity.bitPattern else {
      throw .badModel("a tensor's scale is negative or not finite")
    }
    let zeroPointInRange =
      record.isInt8
      ? (-128...127).contains(record.zero_point)
      : record.zero_point == 0 && (!record.isFloat || record.scale.bitPattern == 0)
    guard zeroPointInRange else { throw .badModel("a tensor's zero point is out of range") }
    guard record.channel_scales != HRM_NONE else { return }
    guard
      record.channel_scales < header.tensor_count,
      case let scales = view.tensors[Int(record.channel_scales)], scales.isConstant, scales.isFloat
    else { throw .badModel("channel scales are not a float32 constant") }
  }
}
