import CHeadrace

/// Where the parts of a session lie in the caller's memory, each 64-byte aligned:
///
///     Session | kernels | progress of shared work | that work | nanoseconds of each operator
///     | fused sums | arena | scratch of thread 0 | thread 1 | ...
struct SessionLayout {
  let kernels: Int
  let progress: Int
  let profile: Int
  let fused: Int
  let arena: Int
  let scratch: Int
  /// Bytes from one thread's scratch to the next.
  let scratchStride: Int
  let byteCount: Int

  /// nil if the session would be larger than what Int can count.
  init?(_ header: hrm_header, threads: Int) {
    let alignment = UInt64(HRM_ALIGNMENT)
    func aligned(_ bytes: UInt64) -> UInt64 { (bytes + alignment - 1) & ~(alignment - 1) }
    // No sum overflows: every term is below 2^39.
    let kernels = aligned(UInt64(MemoryLayout<Session>.size))
    let progress = aligned(kernels + UInt64(MemoryLayout<hr_kernels>.size))
    let work = progress + UInt64(PartProgress.byteCount)
    let profile = aligned(work + UInt64(MemoryLayout<OperatorWork>.size))
    let fused = aligned(profile + UInt64(header.operator_count) * 8)
    let arena = aligned(fused + UInt64(header.operator_count))
    let scratch = arena + header.arena_bytes
    let end = scratch + UInt64(header.scratch_bytes) * UInt64(threads)
    guard end <= UInt64(Int.max) else { return nil }
    self.kernels = Int(kernels)
    self.progress = Int(progress)
    self.profile = Int(profile)
    self.fused = Int(fused)
    self.arena = Int(arena)
    self.scratch = Int(scratch)
    scratchStride = Int(header.scratch_bytes)
    byteCount = Int(end)
  }
}
