import CHeadrace

/// A model's working memory, at the beginning of what the caller handed over.
struct Session: CallerObject {
  static var typeMark: UInt { 0x4845_4144 }

  let mark: UInt
  let model: Model
  let configuration: SessionConfiguration
  let arena: UnsafeMutableRawPointer
  let scratch: UnsafeMutableRawPointer
  let scratchStride: Int
  /// Of the parts of what `parallel` does.
  let progress: PartProgress
  /// Nanoseconds that each operator took in the last run; 0 without a clock.
  let profile: UnsafeMutablePointer<UInt64>
  let fusedSums: FusedSums
  /// How many operators a run takes, of those there are; fewer where an early output is all that is wanted.
  var operatorLimit = Int.max
  /// Without those for frames until a frame is set, so that other programs carry none of them.
  let kernels: UnsafeMutablePointer<hr_kernels>

  static func byteCount(_ model: Model, threads: Int) -> Int? {
    SessionLayout(model.view.header.pointee, threads: threads)?.byteCount
  }

  /// Sets a session up. The arena is zeroed, so that inputs that are never written are the same in
  /// every session.
  static func initialize(
    _ memory: CallerMemory, _ model: Model, _ configuration: SessionConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Session> {
    guard
      let layout = SessionLayout(model.view.header.pointee, threads: configuration.threads)
    else {
      throw Failure(
        HR_OUT_OF_MEMORY, "the session is larger than this CPU can address",
        remedy: "use fewer threads or a smaller model")
    }
    let memory = try memory.checked(needed: layout.byteCount)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    let kernels = (memory + layout.kernels).assumingMemoryBound(to: hr_kernels.self)
    model.operators.pointee.choose_kernels(configuration.features, kernels)
    let profile = (memory + layout.profile).assumingMemoryBound(to: UInt64.self)
    let fusedSums = FusedSums(
      model.view, (memory + layout.fused).assumingMemoryBound(to: UInt8.self), counts: profile)
    let session = memory.assumingMemoryBound(to: Session.self)
    session.initialize(
      to: Session(
        mark: mark(memory), model: model, configuration: configuration,
        arena: memory + layout.arena, scratch: memory + layout.scratch,
        scratchStride: layout.scratchStride,
        progress: PartProgress(memory + layout.progress), profile: profile,
        fusedSums: fusedSums, kernels: kernels))
    return session
  }

  /// Where a tensor of the arena has its elements.
  func data(_ tensor: UnsafePointer<hrm_tensor>) -> UnsafeMutableRawPointer {
    arena + Int(tensor.pointee.offset)
  }

  func memory(part: Int, sum: OperatorView?) -> SessionMemory {
    SessionMemory(
      arena: arena, constants: model.view.constants, scratch: scratch + part &* scratchStride,
      kernels: UnsafePointer(kernels), sum: sum)
  }
}
