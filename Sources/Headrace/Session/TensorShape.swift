import CHeadrace

/// What the library asks of tensors of the caller's sessions.
extension hr_tensor {
  /// Whether its elements stand for real numbers.
  var isOfNumbers: Bool { type == HR_FLOAT32 || type == HR_INT8 || type == HR_INT16 }

  /// How many there are, where they are such.
  var elements: Int { bytes / (type == HR_FLOAT32 ? 4 : type == HR_INT16 ? 2 : 1) }

  /// The sizes of the last two axes, where those before are 1.
  var lastAxes: (Int, Int)? {
    guard rank >= 2 else { return nil }
    return withUnsafeBytes(of: dims) { raw in
      func size(_ axis: Int) -> Int { Int(raw.load(fromByteOffset: 4 * axis, as: UInt32.self)) }
      let rank = Int(rank)
      for axis in 0..<rank - 2 where size(axis) != 1 { return nil }
      return (size(rank - 2), size(rank - 1))
    }
  }
}
