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
}
