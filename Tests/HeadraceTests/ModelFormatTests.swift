import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct ModelFormatTests {
  /// The bytes of the example in FORMAT.md, rows of zeros filled in.
  private func example() throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appending(path: "Sources/Headrace/Model/FORMAT.md"), encoding: .utf8)
    let dump = try #require(text.split(separator: "```hex\n").last?.split(separator: "```").first)
    var file = [UInt8](repeating: 0, count: 704)
    for row in dump.split(separator: "\n") {
      let fields = row.split(separator: " ")
      let offset = try #require(Int(fields[0], radix: 16))
      for (index, field) in fields.dropFirst().enumerated() {
        file[offset + index] = try #require(UInt8(field, radix: 16))
      }
    }
    return file
  }

  @Test func theExampleOfTheSpecificationRuns() throws {
    let session = try OpenSession(OpenModel(try example()))
    #expect(session.run { UInt8($0 + 5) } == [5, 6, 7, 8])
    #expect(String(cString: session.output().name) == "y")
    #expect(session.output().zero_point == -3)
  }

  @Test func theTestsOwnWriterAgreesWithTheExample() throws {
    var model = ModelBuilder()
    let x = model.tensor(HRM_INT8, [1, 4], scale: 0.5, zeroPoint: -3, name: "x")
    let y = model.tensor(HRM_INT8, [4], scale: 0.5, zeroPoint: -3, name: "y")
    model.add(HRM_RESHAPE, inputs: [x], outputs: [y])
    model.inputs = [x]
    model.outputs = [y]
    #expect(model.file().prefix(704) == (try example()).prefix(704))
  }
}
