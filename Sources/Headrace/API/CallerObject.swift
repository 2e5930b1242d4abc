import CHeadrace

/// What lies at the beginning of memory that the caller handed over, and knows its place there.
protocol CallerObject {
  /// Tells objects of one type from those of another.
  static var typeMark: UInt { get }
  /// The first field: `mark(memory)`, once it is set up. It differs with the place, so that memory that holds no
  /// such object, or a copy of one, is refused.
  var mark: UInt { get }
}

extension CallerObject {
  static func mark(_ memory: UnsafeMutableRawPointer) -> UInt { expectedMark(memory, typeMark) }

  /// Whether such an object is behind a handle, at the place where it was set up.
  static func isAt(_ handle: OpaquePointer?) -> Bool {
    handle.map { holdsObject(UnsafeMutableRawPointer($0), typeMark) } ?? false
  }

  /// The object behind a handle.
  static func at(_ handle: OpaquePointer?) throws(Failure) -> UnsafeMutablePointer<Self> {
    try object(handle, typeMark).assumingMemoryBound(to: Self.self)
  }
}

private func expectedMark(_ memory: UnsafeMutableRawPointer, _ typeMark: UInt) -> UInt {
  ~UInt(bitPattern: memory) ^ typeMark
}

private func holdsObject(_ memory: UnsafeMutableRawPointer, _ typeMark: UInt) -> Bool {
  UInt(bitPattern: memory) % 64 == 0
    && memory.load(as: UInt.self) == expectedMark(memory, typeMark)
}

@inline(never)
private func object(
  _ handle: OpaquePointer?, _ typeMark: UInt
) throws(Failure) -> UnsafeMutableRawPointer {
  guard let handle, case let memory = UnsafeMutableRawPointer(handle),
    holdsObject(memory, typeMark)
  else {
    throw Failure(
      HR_INVALID_ARGUMENT, "the handle is NULL, or of no such object",
      remedy: "pass what its hr_..._init returned, at the place where it was set up")
  }
  return memory
}

/// Memory that a caller hands over for an object, as it is passed.
struct CallerMemory {
  private let start: UnsafeMutableRawPointer?
  private let byteCount: Int

  init(_ start: UnsafeMutableRawPointer?, _ byteCount: Int) {
    (self.start, self.byteCount) = (start, byteCount)
  }

  /// The memory, if it is there, aligned and large enough.
  @inline(never)
  func checked(needed: Int) throws(Failure) -> UnsafeMutableRawPointer {
    guard let start, UInt(bitPattern: start) % 64 == 0 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the memory is NULL or not 64-byte aligned",
        remedy: "use aligned_alloc(64, ...)")
    }
    guard byteCount >= needed else {
      throw Failure(
        HR_OUT_OF_MEMORY, "the memory is too small",
        remedy: "hand over as much as its hr_..._bytes says", needed: UInt64(needed),
        available: UInt64(max(0, byteCount)))
    }
    return start
  }
}

/// Sets an object up and hands its handle out: what every hr_..._init does.
func initialize(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<hr_error>?,
  _ setUp: () throws(Failure) -> UnsafeMutableRawPointer
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let out else { throw .invalidArgument("there is no place for the handle") }
    out.pointee = nil
    out.pointee = OpaquePointer(try setUp())
  }
}
