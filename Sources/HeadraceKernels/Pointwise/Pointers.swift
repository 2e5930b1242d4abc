// Kernels get untyped memory from C structs; these give it its type.

extension UnsafeRawPointer {
  @inline(__always)
  func of<Element>(_ type: Element.Type) -> UnsafePointer<Element> {
    assumingMemoryBound(to: type)
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  func of<Element>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    assumingMemoryBound(to: type)
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  /// The value of this type that is nearest to `value`.
  @inline(__always)
  init(saturating value: Int32) {
    self.init(truncatingIfNeeded: clamp(value, Int32(Self.min), Int32(Self.max)))
  }
}
