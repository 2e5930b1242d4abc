import CHeadrace

extension Session {
  /// Runs every operator in order. Parts of one operator run side by side, each with scratch of its
  /// own; the next operator begins when all are done. A sum that the operator before it takes over is done
  /// with that; not where an observer wants the outputs of both.
  static func run(_ session: UnsafeMutablePointer<Session>) throws(Failure) {
    let view = session.pointee.model.view
    let configuration = session.pointee.configuration
    try session.pointee.progress.check(configuration.threads)
    let end = min(view.operatorCount, session.pointee.operatorLimit)
    var sum: OperatorView?
    for index in 0..<end {
      let start = configuration.now
      if sum != nil {
        sum = nil
      } else {
        if configuration.observer == nil, index &+ 1 < end,
          session.pointee.fusedSums[operator: index]
        {
          sum = view[operator: index &+ 1]
        }
        try run(view[operator: index], sum: sum, session, configuration)
      }
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
    _ op: OperatorView, sum: OperatorView?, _ session: UnsafePointer<Session>,
    _ configuration: SessionConfiguration
  ) throws(Failure) {
    let wanted =
      session.pointee.model.operators.pointee.find(op.code)?.parts(op, configuration.threads) ?? 1
    let progress = session.pointee.progress
    progress.work.assumingMemoryBound(to: OperatorWork.self).initialize(
      to: OperatorWork(op, sum: sum, session, parts: max(1, min(wanted, configuration.threads))))
    try SharedWork.run(progress, configuration.parallel, configuration.parallelContext)
  }
}

extension SessionConfiguration {
  /// Nanoseconds by the caller's clock, 0 without one.
  fileprivate var now: UInt64 { clock.map { $0(clockContext) } ?? 0 }
}
