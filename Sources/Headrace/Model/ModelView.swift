import CHeadrace

/// The records of a .hrm file, in place. Until `verify` has passed, only what it has checked may be
/// read through this.
struct ModelView {
  let base: UnsafeRawPointer

  var header: UnsafePointer<hrm_header> { base.assumingMemoryBound(to: hrm_header.self) }

  var tensors: UnsafePointer<hrm_tensor> {
    (base + Int(header.pointee.tensors_offset)).assumingMemoryBound(to: hrm_tensor.self)
  }

  var operators: UnsafePointer<hrm_operator> {
    (base + Int(header.pointee.operators_offset)).assumingMemoryBound(to: hrm_operator.self)
  }

  var operands: UnsafePointer<UInt32> {
    (base + Int(header.pointee.operands_offset)).assumingMemoryBound(to: UInt32.self)
  }

  var constants: UnsafeRawPointer { base + Int(header.pointee.constants_offset) }

  subscript(operator index: Int) -> OperatorView { OperatorView(model: self, index: index) }
}
