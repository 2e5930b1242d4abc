import CHeadrace

/// How work is shared out, at the beginning of a struct that holds the work, behind the progress of its parts.
///
/// That struct lies in the caller's memory, not on the stack: what a `parallel` that returned too early still
/// does must not reach memory that is no longer ours.
struct SharedWork {
  /// Does a part of the work that lies here.
  let body: @convention(c) (_ work: UnsafeMutableRawPointer, _ part: Int) -> Void
  let parts: Int

  /// Does all parts of the work behind `progress`, one after another where there is no `parallel`.
  @inline(never)
  static func run(
    _ progress: PartProgress, _ parallel: hr_parallel_for?, _ context: UnsafeMutableRawPointer?
  ) throws(Failure) {
    let work = progress.work.assumingMemoryBound(to: SharedWork.self).pointee
    guard work.parts > 1, let parallel else {
      for part in 0..<work.parts { work.body(progress.work, part) }
      return
    }
    parallel(
      context, UInt32(truncatingIfNeeded: work.parts),
      { context, part in
        if let context { PartProgress.enter(context, Int(clamping: part)) }
      }, progress.begin(work.parts))
    guard progress.end(work.parts) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "parallel returned before all parts were done",
        remedy: "call body once for every index, and wait for all")
    }
  }
}
