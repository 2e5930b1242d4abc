import CHeadrace

/// What lies at the beginning of memory that the caller handed over, and knows its place there.
protocol CallerObject {
  /// Tells objects of one type from those of another.
  static var typeMark: UInt { get }
  /// `mark(memory)`, once it is set up.
  var mark: UInt { get }
}

extension CallerObject {
  static func mark(_ memory: UnsafeMutableRawPointer) -> UInt {
    ~UInt(bitPattern: memory) ^ typeMark
  }

  /// The object behind a handle, at the place where it was set up; nil if there is none.
  static func at(_ handle: OpaquePointer) -> UnsafeMutablePointer<Self>? {
    let memory = UnsafeMutableRawPointer(handle)
    guard UInt(bitPattern: memory) % 64 == 0,
      case let object = memory.assumingMemoryBound(to: Self.self),
      object.pointee.mark == mark(memory)
    else { return nil }
    return object
  }
}

/// Throws unless memory for an object is aligned and large enough.
func checkMemory(
  _ memory: UnsafeMutableRawPointer, _ byteCount: Int, needed: Int, remedy: StaticString
) throws(Failure) {
  guard UInt(bitPattern: memory) % 64 == 0 else {
    throw Failure(
      HR_INVALID_ARGUMENT, "the memory is not 64-byte aligned", remedy: "use aligned_alloc(64, ...)"
    )
  }
  guard byteCount >= needed else {
    throw Failure(
      HR_OUT_OF_MEMORY, "the memory is too small", remedy: remedy, needed: UInt64(needed),
      available: UInt64(byteCount))
  }
}
