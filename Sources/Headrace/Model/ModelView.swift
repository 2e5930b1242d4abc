import CHeadrace

/// The records of a .hrm file, in place. Until `Verifier` has passed, only what it has checked may be
/// read through this.
struct ModelView {
  let base: UnsafeRawPointer

  var header: UnsafePointer<hrm_header> { base.assumingMemoryBound(to: hrm_header.self) }

  var tensors: UnsafePointer<hrm_tensor> { section(header.pointee.tensors_offset) }
  var operators: UnsafePointer<hrm_operator> { section(header.pointee.operators_offset) }
  var operands: UnsafePointer<UInt32> { section(header.pointee.operands_offset) }
  /// Tensor indices of the inputs, then of the outputs.
  var interface: UnsafePointer<UInt32> { section(header.pointee.interface_offset) }
  var metadata: UnsafePointer<hrm_metadata> { section(header.pointee.metadata_offset) }
  var frameInputs: UnsafePointer<hrm_frame_input> { section(header.pointee.frame_inputs_offset) }
  var strings: UnsafePointer<CChar> { section(header.pointee.strings_offset) }
  var constants: UnsafeRawPointer { base + Int(header.pointee.constants_offset) }

  var operatorCount: Int { Int(header.pointee.operator_count) }
  var inputCount: Int { Int(header.pointee.input_count) }
  var outputCount: Int { Int(header.pointee.output_count) }
  var metadataCount: Int { Int(header.pointee.metadata_count) }
  var frameInputCount: Int { Int(header.pointee.frame_input_count) }

  subscript(operator index: Int) -> OperatorView { OperatorView(model: self, index: index) }

  /// Model input `index`, which must be one.
  func input(_ index: Int) -> UnsafePointer<hrm_tensor> { tensors + Int(interface[index]) }

  /// Model output `index`, which must be one.
  func output(_ index: Int) -> UnsafePointer<hrm_tensor> {
    tensors + Int(interface[inputCount + index])
  }

  private func section<Record>(_ offset: UInt32) -> UnsafePointer<Record> {
    (base + Int(offset)).assumingMemoryBound(to: Record.self)
  }
}
