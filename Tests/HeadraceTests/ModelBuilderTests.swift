import CHeadrace
import Testing

@testable import Headrace

@Suite struct ModelBuilderTests {
  @Test func anUnknownOperatorIsRefusedBeforeItRuns() {
    #expect(throws: Failure.self) {
      try runOperator(
        hrm_code(rawValue: 200), ModelBuilder.NoParameters(), [.float([2], [1, 2])], .float([2]))
    }
  }
}
