import CHeadrace

/// One operator's work. Lies in the session's memory.
struct OperatorWork {
  private let shared: SharedWork
  private let session: UnsafePointer<Session>
  private let op: OperatorView
  /// The sum behind it that it takes over.
  private let sum: OperatorView?

  init(
    _ op: OperatorView, sum: OperatorView?, _ session: UnsafePointer<Session>, parts: Int
  ) {
    shared = SharedWork(
      body: { work, part in work.assumingMemoryBound(to: OperatorWork.self).pointee.run(part) },
      parts: parts)
    (self.session, self.op, self.sum) = (session, op, sum)
  }

  private func run(_ part: Int) {
    // A verified model's operators are all there.
    session.pointee.model.operators.pointee.find(op.code)?
      .run(op, session.pointee.memory(part: part, sum: sum), part, shared.parts)
  }
}
