import Testing

@testable import Headrace

/// What protects a session from parts that come after their run.
@Suite struct PartProgressTests {
  /// Work that notes how often it is done, and whether it is seen to be at work.
  private struct Work {
    var shared: SharedWork
    var times = 0
    var isSeen = false
  }

  private let memory: AlignedBytes
  private let progress: PartProgress
  private let work: UnsafeMutablePointer<Work>

  init() {
    memory = AlignedBytes(count: PartProgress.byteCount + MemoryLayout<Work>.size)
    progress = PartProgress(memory.base)
    progress.clear()
    work = progress.work.bindMemory(to: Work.self, capacity: 1)
    let shared = SharedWork(
      body: { place, _ in
        let work = place.assumingMemoryBound(to: Work.self)
        work.pointee.times += 1
        do { try PartProgress(place - PartProgress.byteCount).check(2) } catch {
          work.pointee.isSeen = true
        }
      }, parts: 2)
    work.initialize(to: Work(shared: shared))
  }

  @Test func aPartIsSeenWhileItIsAtWork() throws {
    PartProgress.enter(progress.begin(2), 1)
    #expect(work.pointee.times == 1 && work.pointee.isSeen)
    try progress.check(2)
  }

  @Test func aPartThatBeginsAfterItsRunIsNotDone() {
    let late = progress.begin(2)
    #expect(!progress.end(2))
    PartProgress.enter(late, 0)
    let context = progress.begin(2)
    PartProgress.enter(late, 0)
    #expect(work.pointee.times == 0)
    PartProgress.enter(context, 0)
    PartProgress.enter(context, 1)
    #expect(work.pointee.times == 2 && progress.end(2))
  }

  @Test func aPartThatIsAskedForTwiceIsDoneOnceInEveryRound() {
    for round in 1...200 {
      let context = progress.begin(2)
      for part in [0, 1, 0, 1, 2, 1000] { PartProgress.enter(context, part) }
      #expect(progress.end(2) && work.pointee.times == 2 * round)
    }
  }
}
