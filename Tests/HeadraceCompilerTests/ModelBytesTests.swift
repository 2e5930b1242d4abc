import CHeadrace
import Testing

@testable import HeadraceCompiler

@Suite struct ModelBytesTests {
  /// A sum of two constants of 60,000 bytes.
  private func model(_ first: UInt8, _ second: UInt8) -> LoweredModel {
    var model = LoweredModel()
    let constants = [first, second].map { value in
      model.addConstant(
        "c", .float, dims: [15_000], data: Array(repeating: value, count: 60_000))
    }
    let y = model.add(.activation([15_000]))
    model.outputs = [y]
    model.operators = [.make(HRM_BINARY, constants, y)]
    return model
  }

  private func bytes(_ model: LoweredModel, limit: Int) throws -> [UInt8] {
    try ModelBytes.assemble(
      model, Planner.plan(model) { _ in nil }, scratchBytes: 0, limit: limit)
  }

  @Test func constantsThatTogetherExceedAFileAreRefusedWithWhatToDo() throws {
    let error = #expect(throws: CompilerError.self) { try bytes(model(1, 2), limit: 100_000) }
    #expect(error?.message.contains("4 GiB or larger") ?? false)
    #expect(error?.message.contains("--type int8") ?? false)
  }

  @Test func constantsThatAreEqualCountOnce() throws {
    #expect(try bytes(model(1, 1), limit: 100_000).count < 70_000)
  }
}
