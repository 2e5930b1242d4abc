import Dispatch
import Synchronization

/// Results of independent pieces of work, done on all cores, in the order of their indices. Of those that
/// fail, the first one's error is thrown, and what has not begun by then is left out.
func concurrentMap<Result: Sendable>(
  _ count: Int, _ job: String, _ progress: ProgressLine,
  _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
  let problem = Mutex<(any Error)?>(nil)
  let done = Mutex(0)
  DispatchQueue.concurrentPerform(iterations: count) { index in
    guard problem.withLock({ $0 == nil }) else { return }
    do {
      let result = try body(index)
      results.withLock { $0[index] = result }
    } catch {
      problem.withLock { $0 = $0 ?? error }
    }
    done.withLock {
      $0 += 1
      progress.update(job, $0, count)
    }
  }
  progress.finish()
  if let problem = problem.withLock({ $0 }) { throw problem }
  return results.withLock { $0.compactMap(\.self) }
}
