import Testing

@testable import Headrace

@Suite struct PartitionTests {
  @Test(arguments: [(0, 1), (1, 4), (7, 3), (112, 4)])
  func partsCoverEveryItemOnce(count: Int, parts: Int) {
    var covered: [Int] = []
    for part in 0..<parts { covered += Array(partition(count, part: part, of: parts)) }
    #expect(covered == Array(0..<count))
  }
}
