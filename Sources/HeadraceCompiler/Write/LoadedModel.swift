import CHeadrace

/// A `.hrm` file in aligned memory that the runtime has verified.
final class LoadedModel {
  private(set) var model = hr_model()
  let base: UnsafeRawPointer
  let byteCount: Int

  /// Throws what the runtime's verifier says if it refuses the bytes.
  init(_ bytes: some Collection<UInt8>) throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(bytes.count, 1), alignment: Int(HRM_ALIGNMENT))
    memory.copyBytes(from: bytes)
    base = UnsafeRawPointer(memory.baseAddress!)
    byteCount = bytes.count
    var error = hr_error()
    hr_error_init(&error)
    guard hr_model_open(&model, base, byteCount, &error) == HR_OK else {
      // deinit frees the memory: every property is set by now.
      throw RuntimeError(error)
    }
  }

  deinit { base.deallocate() }

  var header: hrm_header { base.load(as: hrm_header.self) }

  var tensors: UnsafeBufferPointer<hrm_tensor> {
    records(header.tensors_offset, header.tensor_count)
  }

  var operators: UnsafeBufferPointer<hrm_operator> {
    records(header.operators_offset, header.operator_count)
  }

  var operands: UnsafeBufferPointer<UInt32> {
    records(header.operands_offset, header.operand_count)
  }

  var interface: UnsafeBufferPointer<UInt32> {
    records(header.interface_offset, header.input_count + header.output_count)
  }

  var metadata: UnsafeBufferPointer<hrm_metadata> {
    records(header.metadata_offset, header.metadata_count)
  }

  var frameInputs: UnsafeBufferPointer<hrm_frame_input> {
    records(header.frame_inputs_offset, header.frame_input_count)
  }

  private func records<Record>(_ offset: UInt32, _ count: UInt32) -> UnsafeBufferPointer<Record> {
    UnsafeBufferPointer(
      start: (base + Int(offset)).assumingMemoryBound(to: Record.self), count: Int(count))
  }

  func string(_ offset: UInt32) -> String {
    String(
      cString: (base + Int(header.strings_offset + offset)).assumingMemoryBound(to: CChar.self))
  }

  func inputs(_ op: hrm_operator) -> [UInt32] {
    (0..<Int(op.input_count)).map { operands[Int(op.first_operand) + $0] }
  }

  func outputs(_ op: hrm_operator) -> [UInt32] {
    (0..<Int(op.output_count)).map { operands[Int(op.first_operand) + Int(op.input_count) + $0] }
  }
}

/// The first `rank` extents of a C array. (Element by element: the optimizer of Swift 6.3 can lose a tuple
/// that is copied and then read as bytes.)
func extents(
  _ dims: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32), rank: Int
) -> [Int] {
  [dims.0, dims.1, dims.2, dims.3, dims.4, dims.5].prefix(rank).map(Int.init)
}
