import CHeadrace

/// Where an operator finds its data while it runs one part of its work.
struct SessionMemory {
  let arena: UnsafeMutableRawPointer
  let constants: UnsafeRawPointer
  /// `scratchBytes(of:)` of the operator, 64-byte aligned, for this part alone.
  let scratch: UnsafeMutableRawPointer
  let kernels: UnsafePointer<hr_kernels>
  /// The sum whose outputs a convolution stores instead of its own (see `FusedSums`).
  var sum: OperatorView?

  func read(_ tensor: UnsafePointer<hrm_tensor>) -> UnsafeRawPointer {
    tensor.pointee.isConstant
      ? constants + Int(tensor.pointee.offset)
      : UnsafeRawPointer(arena + Int(tensor.pointee.offset))
  }

  func read<Element>(
    _ tensor: UnsafePointer<hrm_tensor>, as type: Element.Type
  ) -> UnsafePointer<Element> {
    read(tensor).assumingMemoryBound(to: type)
  }

  func write(_ tensor: UnsafePointer<hrm_tensor>) -> UnsafeMutableRawPointer {
    arena + Int(tensor.pointee.offset)
  }

  func write<Element>(
    _ tensor: UnsafePointer<hrm_tensor>, as type: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    write(tensor).assumingMemoryBound(to: type)
  }
}
