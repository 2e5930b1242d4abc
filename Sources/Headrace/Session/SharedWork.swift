import CHeadrace

/// How work is shared out, at the beginning of a struct that holds the work.
///
/// That struct lies in the caller's memory, not on the stack: what a `parallel` that returned too early still
/// does must not reach memory that is no longer ours.
struct SharedWork {
  /// Does a part of the work that lies here.
  let body: @convention(c) (_ work: UnsafeMutableRawPointer, _ part: Int) -> Void
  let parts: Int
  /// A byte for each part, 1 once it has begun and 2 when it is done: threads write bytes of their own.
  let progress: UnsafeMutablePointer<UInt8>

  /// Does all parts of the work at `place`, one after another where there is no `parallel`.
  @inline(never)
  static func run(
    _ place: UnsafeMutableRawPointer, _ parallel: hr_parallel_for?,
    _ context: UnsafeMutableRawPointer?
  ) throws(Failure) {
    let work = place.assumingMemoryBound(to: SharedWork.self).pointee
    guard work.parts > 1, let parallel else {
      for part in 0..<work.parts { work.body(place, part) }
      return
    }
    work.progress.update(repeating: 0, count: work.parts)
    parallel(
      context, UInt32(truncatingIfNeeded: work.parts),
      { place, part in
        guard let place else { return }
        place.assumingMemoryBound(to: SharedWork.self).pointee.runOnce(place, Int(part))
      }, place)
    for part in 0..<work.parts where work.progress[part] != 2 {
      throw Failure(
        HR_INVALID_ARGUMENT, "parallel returned before all parts were done",
        remedy: "call body once for every index, and wait for all")
    }
  }

  /// A part that is asked for twice is run once: it may have been done in place.
  private func runOnce(_ place: UnsafeMutableRawPointer, _ part: Int) {
    guard part < parts, progress[part] == 0 else { return }
    progress[part] = 1
    body(place, part)
    progress[part] = 2
  }
}
