import CHeadrace

/// One operator's work while it is shared out. Lives on the stack of `Session.run`.
private struct SharedWork {
  let session: UnsafePointer<Session>
  let op: OperatorView
  let operatorFunctions: OperatorFunctions
  let parts: Int

  func run(part: Int) {
    operatorFunctions.run(op, session.pointee.memory(part: part), part, parts)
  }
}

extension Session {
  /// Runs every operator in order. Parts of one operator run side by side, each with scratch of its
  /// own; the next operator begins when all are done.
  static func run(_ session: UnsafeMutablePointer<Session>) {
    let view = session.pointee.model.view
    let configuration = session.pointee.configuration
    for index in 0..<view.operatorCount {
      let start = configuration.now
      run(view[operator: index], session, configuration)
      if configuration.clock != nil {
        session.pointee.profile[index] = configuration.now &- start
      }
      if let observer = configuration.observer {
        let output = view[operator: index].output()
        var tensor = hr_tensor(output, view, data: session.pointee.data(output))
        observer(configuration.observerContext, UInt32(truncatingIfNeeded: index), &tensor)
      }
    }
  }

  private static func run(
    _ op: OperatorView, _ session: UnsafePointer<Session>, _ configuration: SessionConfiguration
  ) {
    // A verified model's operators are all there.
    guard let functions = session.pointee.model.operators.pointee.find(op.code) else { return }
    let wanted = functions.parts(op, configuration.threads)
    var work = SharedWork(
      session: session, op: op, operatorFunctions: functions,
      parts: max(1, min(wanted, configuration.threads)))
    guard work.parts > 1, let parallel = configuration.parallel else {
      for part in 0..<work.parts { work.run(part: part) }
      return
    }
    let parts = UInt32(truncatingIfNeeded: work.parts)
    withUnsafeMutablePointer(to: &work) { context in
      parallel(
        configuration.parallelContext, parts,
        { context, part in
          guard let context else { return }
          let work = context.assumingMemoryBound(to: SharedWork.self)
          guard part < work.pointee.parts else { return }
          work.pointee.run(part: Int(part))
        }, context)
    }
  }
}

extension SessionConfiguration {
  /// Nanoseconds by the caller's clock, 0 without one.
  fileprivate var now: UInt64 { clock.map { $0(clockContext) } ?? 0 }
}
