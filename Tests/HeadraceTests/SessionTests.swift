import CHeadrace
import Testing

@testable import Headrace

@Suite struct SessionTests {
  @Test func memoryOneByteTooSmallIsRefusedWithBothFigures() throws {
    var opened = try OpenModel(SmallModels.identity())
    var config = hr_session_config()
    hr_session_config_init(&config)
    let needed = hr_session_bytes(&opened.model, &config)
    let memory = AlignedBytes(count: needed)
    var session: OpaquePointer?
    var error = emptyError()
    #expect(
      hr_session_init(&session, memory.base, needed - 1, &opened.model, &config, &error)
        == HR_OUT_OF_MEMORY)
    #expect(session == nil)
    #expect(error.needed == UInt64(needed) && error.available == UInt64(needed - 1))
    #expect(
      hr_session_init(&session, memory.base, needed, &opened.model, &config, &error) == HR_OK)
    #expect(session != nil)
  }

  @Test func aMovedSessionIsRefused() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity()))
    let copy = AlignedBytes(session.memory.bytes)
    #expect(hr_session_run(session.handle, nil) == HR_OK)
    #expect(hr_session_run(OpaquePointer(copy.base), nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_run(OpaquePointer(copy.base + 8), nil) == HR_INVALID_ARGUMENT)
  }

  @Test(arguments: [0, 65, UInt32.max])
  func anImpossibleNumberOfThreadsIsRefused(threads: UInt32) throws {
    let opened = try OpenModel(SmallModels.identity())
    #expect(throws: RefusedModel.self) {
      try OpenSession(opened) { $0.threads = threads }
    }
  }

  @Test func inputsBeginAsZeros() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity()))
    let output = session.output()
    let bytes = UnsafeRawBufferPointer(start: output.data, count: output.bytes)
    #expect(bytes.allSatisfy { $0 == 0 })
  }

  @Test func theBaselineKernelsNeedNoCpuFeature() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity()))
    #expect(String(cString: try #require(hr_session_kernels(session.handle))) == "baseline")
  }

  @Test(arguments: [2, 3, 7, 64])
  func resultsDoNotDependOnTheNumberOfThreads(threads: UInt32) throws {
    final class Log { var largest: UInt32 = 0 }
    let log = Log()
    let model = try OpenModel(SmallModels.network(side: 96))
    let pattern = { (position: Int) in UInt8(truncatingIfNeeded: position * 91 + 17) }
    let alone = try OpenSession(model).run(pattern)
    let shared = try OpenSession(model) {
      $0.threads = threads
      $0.parallel_context = Unmanaged.passUnretained(log).toOpaque()
      $0.parallel = { parallelContext, count, body, context in
        let log = Unmanaged<Log>.fromOpaque(parallelContext!).takeUnretainedValue()
        log.largest = max(log.largest, count)
        for part in (0..<count).reversed() { body?(context, part) }
      }
    }
    #expect(shared.run(pattern) == alone)
    #expect(Set(alone).count > 4)
    #expect(log.largest == min(threads, 39))  // 39: a part less than 50,000 MACs is not worth it.
  }

  @Test func aPartThatIsAskedForTwiceIsRunOnce() throws {
    let model = try OpenModel(SmallModels.network(side: 96))
    let pattern = { (position: Int) in UInt8(truncatingIfNeeded: position * 91 + 17) }
    let twice = try OpenSession(model) {
      $0.threads = 4
      $0.parallel = { _, count, body, context in
        for part in 0..<2 * count { body?(context, part % count) }
        body?(context, count)
        body?(context, UInt32.max)
      }
    }
    #expect(try twice.run(pattern) == OpenSession(model).run(pattern))
  }

  @Test func aPartThatIsLeftOutFailsTheRun() throws {
    let session = try OpenSession(OpenModel(SmallModels.network(side: 96))) {
      $0.threads = 4
      $0.parallel = { _, count, body, context in
        for part in 1..<count { body?(context, part) }
      }
    }
    var error = emptyError()
    #expect(hr_session_run(session.handle, &error) == HR_INVALID_ARGUMENT)
    #expect(
      message(error)
        == "parallel returned before all parts were done; call body once for every index, and wait for all"
    )
  }

  /// As by a thread pool that returns before its threads are done.
  @Test func partsThatComeAfterTheirRunDoTheNextOneNoHarm() throws {
    final class Late {
      var isLate = true
      var parts: [() -> Void] = []
    }
    let late = Late()
    let model = try OpenModel(SmallModels.network(side: 96))
    let session = try OpenSession(model) {
      $0.threads = 4
      $0.parallel = { parallelContext, count, body, context in
        let late = Unmanaged<Late>.fromOpaque(parallelContext!).takeUnretainedValue()
        for part in 0..<count {
          if late.isLate {
            late.parts.append { body?(context, part) }
          } else {
            body?(context, part)
          }
        }
      }
      $0.parallel_context = Unmanaged.passUnretained(late).toOpaque()
    }
    #expect(hr_session_run(session.handle, nil) == HR_INVALID_ARGUMENT)
    #expect(late.parts.count > 1)
    late.parts.forEach { $0() }
    late.isLate = false
    let pattern = { (position: Int) in UInt8(truncatingIfNeeded: position * 91 + 17) }
    #expect(try session.run(pattern) == OpenSession(model).run(pattern))
  }

  @Test func aRunRepeatsItself() throws {
    let session = try OpenSession(OpenModel(SmallModels.network()))
    let pattern = { (position: Int) in UInt8(truncatingIfNeeded: position * 13) }
    let first = session.run(pattern)
    _ = session.run { _ in 77 }
    #expect(session.run(pattern) == first)
  }

  @Test func theProfileTellsNameTimeAndWorkOfEachOperator() throws {
    final class Clock { var now: UInt64 = 0 }
    let clock = Clock()
    let session = try OpenSession(OpenModel(SmallModels.network())) {
      $0.clock = { context in
        let clock = Unmanaged<Clock>.fromOpaque(context!).takeUnretainedValue()
        clock.now += 250
        return clock.now
      }
      $0.clock_context = Unmanaged.passUnretained(clock).toOpaque()
    }
    #expect(hr_session_run(session.handle, nil) == HR_OK)
    var profile = hr_operator_profile.sized(hr_operator_profile())
    #expect(hr_session_profile(session.handle, 0, &profile) == HR_OK)
    #expect(String(cString: profile.operator_name) == "conv2d")
    #expect(String(cString: profile.output_name) == "features")
    #expect(profile.nanoseconds == 250)
    #expect(profile.macs == 7776)
    #expect(hr_session_profile(session.handle, 6, &profile) == HR_INVALID_ARGUMENT)
    #expect(clock.now == 12 * 250)
  }

  @Test func theObserverSeesEachOperatorsOutput() throws {
    final class Log { var names: [String] = [] }
    let log = Log()
    let session = try OpenSession(OpenModel(SmallModels.network())) {
      $0.observer = { context, index, tensor in
        let log = Unmanaged<Log>.fromOpaque(context!).takeUnretainedValue()
        if Int(index) == log.names.count { log.names.append(String(cString: tensor!.pointee.name)) }
      }
      $0.observer_context = Unmanaged.passUnretained(log).toOpaque()
    }
    #expect(hr_session_run(session.handle, nil) == HR_OK)
    #expect(log.names == ["features", "bent", "sum", "peaks", "flat", "scores"])
  }
}
