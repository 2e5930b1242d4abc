import CHeadrace

/// Elements as they were sent, at the beginning of an input's memory, become those of the input.
struct LatentConversion {
  private let type: hr_type
  private let scale: Float
  private let zeroPoint: Int32

  init(_ type: hr_type, scale: Float, zeroPoint: Int32) {
    (self.type, self.scale, self.zeroPoint) = (type, scale, zeroPoint)
  }

  /// Throws unless elements of a tensor take at least the room of those that are sent.
  static func check(_ type: hr_type, _ tensor: UnsafePointer<hrm_tensor>) throws(Failure) {
    guard
      tensor.pointee.isActivation, !(type == HR_INT16 && tensor.pointee.isInt8)
    else {
      throw Failure(
        HR_BAD_PAYLOAD, "the tail's input cannot hold the payload's elements",
        remedy: "compile the tail with float32 inputs or the head's type")
    }
  }

  func convert(_ data: UnsafeMutableRawPointer, for tensor: UnsafePointer<hrm_tensor>) {
    let target = hr_type(rawValue: UInt32(tensor.pointee.type))
    guard
      target != type || tensor.pointee.scale.bitPattern != scale.bitPattern
        || tensor.pointee.zero_point != zeroPoint
    else { return }
    let sent = TensorElements(data, type, scale: scale, zeroPoint: zeroPoint)
    let wanted = TensorElements(
      data, target, scale: tensor.pointee.scale, zeroPoint: tensor.pointee.zero_point)
    // From the last to the first: elements of the target are no smaller, so none is overwritten
    // before it is read.
    for index in (0..<tensor.pointee.elementCount).reversed() {
      wanted.store(sent.real(index), at: index)
    }
  }
}
