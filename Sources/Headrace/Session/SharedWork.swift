import CHeadrace

/// One operator's work while it is shared out. Lies in the session's memory, not on the stack: what a
/// `parallel` that returned too early still does must not reach memory that is no longer ours.
struct SharedWork {
  let session: UnsafePointer<Session>
  let op: OperatorView
  let parts: Int
  /// A byte for each part, 1 once it has begun and 2 when it is done: threads write bytes of their own.
  let progress: UnsafeMutablePointer<UInt8>

  func run(part: Int) {
    // A verified model's operators are all there.
    session.pointee.model.operators.pointee.find(op.code)?
      .run(op, session.pointee.memory(part: part), part, parts)
  }

  /// A part that is asked for twice is run once: it may have been done in place.
  func runOnce(part: Int) {
    guard part < parts, progress[part] == 0 else { return }
    progress[part] = 1
    run(part: part)
    progress[part] = 2
  }

  var isDone: Bool {
    for part in 0..<parts where progress[part] != 2 { return false }
    return true
  }
}
