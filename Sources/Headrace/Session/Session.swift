import CHeadrace

/// A model's working memory, at the beginning of what the caller handed over.
struct Session {
  /// Differs with the session's address, so that memory that is no session, or a copy of one, is
  /// refused.
  private let mark: UInt
  let model: Model
  let configuration: SessionConfiguration
  let arena: UnsafeMutableRawPointer
  let scratch: UnsafeMutableRawPointer
  let scratchStride: Int
  /// What `parallel` is given, and how far its parts are.
  let work: UnsafeMutablePointer<SharedWork>
  let progress: UnsafeMutablePointer<UInt8>
  /// Nanoseconds that each operator took in the last run; 0 without a clock.
  let profile: UnsafeMutablePointer<UInt64>
  /// Without those for frames until a frame is set, so that other programs carry none of them.
  let kernels: UnsafeMutablePointer<hr_kernels>

  static func byteCount(_ model: Model, threads: Int) -> Int? {
    SessionLayout(model.view.header.pointee, threads: threads)?.byteCount
  }

  /// Sets a session up. The arena is zeroed, so that inputs that are never written are the same in
  /// every session.
  static func initialize(
    _ memory: UnsafeMutableRawPointer, byteCount: Int, _ model: Model,
    _ configuration: SessionConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Session> {
    guard UInt(bitPattern: memory) % UInt(HRM_ALIGNMENT) == 0 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's memory is not 64-byte aligned",
        remedy: "use aligned_alloc(64, ...)")
    }
    guard
      let layout = SessionLayout(model.view.header.pointee, threads: configuration.threads)
    else {
      throw Failure(
        HR_OUT_OF_MEMORY, "the session is larger than this CPU can address",
        remedy: "use fewer threads or a smaller model")
    }
    guard byteCount >= layout.byteCount else {
      throw Failure(
        HR_OUT_OF_MEMORY, "the session's memory is too small",
        remedy: "hand over as much as hr_session_bytes says", needed: UInt64(layout.byteCount),
        available: UInt64(byteCount))
    }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    let kernels = (memory + layout.kernels).assumingMemoryBound(to: hr_kernels.self)
    model.operators.pointee.choose_kernels(configuration.features, kernels)
    let session = memory.assumingMemoryBound(to: Session.self)
    session.initialize(
      to: Session(
        mark: mark(memory), model: model, configuration: configuration,
        arena: memory + layout.arena, scratch: memory + layout.scratch,
        scratchStride: layout.scratchStride,
        work: (memory + layout.work).assumingMemoryBound(to: SharedWork.self),
        progress: (memory + layout.progress).assumingMemoryBound(to: UInt8.self),
        profile: (memory + layout.profile).assumingMemoryBound(to: UInt64.self),
        kernels: kernels))
    return session
  }

  /// The session behind a handle that hr_session_init returned.
  static func at(_ handle: OpaquePointer?) throws(Failure) -> UnsafeMutablePointer<Session> {
    guard let handle else { throw .invalidArgument("the session is NULL") }
    let memory = UnsafeMutableRawPointer(handle)
    guard
      UInt(bitPattern: memory) % UInt(HRM_ALIGNMENT) == 0,
      case let session = memory.assumingMemoryBound(to: Session.self),
      session.pointee.mark == mark(memory)
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "this is no session",
        remedy: "pass what hr_session_init returned, at the place where it was set up")
    }
    return session
  }

  private static func mark(_ memory: UnsafeMutableRawPointer) -> UInt {
    ~UInt(bitPattern: memory) ^ 0x4845_4144
  }

  /// Where a tensor of the arena has its elements.
  func data(_ tensor: UnsafePointer<hrm_tensor>) -> UnsafeMutableRawPointer {
    arena + Int(tensor.pointee.offset)
  }

  func memory(part: Int) -> SessionMemory {
    SessionMemory(
      arena: arena, constants: model.view.constants, scratch: scratch + part &* scratchStride,
      kernels: UnsafePointer(kernels))
  }
}
