import Foundation
import Testing

@testable import HeadraceCompiler

@Suite struct InspectTests {
  private func model() throws -> [UInt8] {
    var graph = LowerEndToEndTests.network()
    graph.metadata["name"] = "test"
    graph.metadata["labels"] = "a\nb\n"
    return try ModelWriter.write(Lowering.lower(graph)).bytes
  }

  @Test func theKeysOfTheJSONStay() throws {
    let json = try ModelDescription(model()).json
    #expect(!json.contains("\n"))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "id", "metadata", "inputs", "outputs", "frame_inputs", "operators", "sections",
        "file_bytes", "weight_bytes", "arena_bytes", "arena_lower_bound", "scratch_bytes",
        "session_bytes", "macs", "parameters", "uses_float",
      ])
    let op = try #require((object["operators"] as? [[String: Any]])?.first)
    #expect(
      Set(op.keys) == [
        "index", "name", "output", "shape", "type", "macs", "parameters", "input_bytes",
        "weight_bytes", "arena_offset", "arena_bytes", "in_place",
      ])
    #expect(op["name"] as? String == "conv2d")
    #expect(op["shape"] as? [Int] == [1, 6, 5, 16])
  }

  @Test func aPredictionHasATimeForEachOperatorAndSaysHowFarOffItMayBe() throws {
    var description = try ModelDescription(model())
    description.prediction = Prediction(description, try Board.named("rpi4"), threads: 1)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(description.json.utf8)) as? [String: Any])
    let prediction = try #require(object["prediction"] as? [String: Any])
    #expect(
      Set(prediction.keys) == ["board", "threads", "milliseconds", "operators", "error_percent"])
    let times = try #require(prediction["operators"] as? [[String: Any]])
    #expect(times.count == description.operators.count)
    #expect(times.allSatisfy { ($0["milliseconds"] as? Double ?? 0) > 0 })
    #expect(description.text.contains("% off in float32"))
  }

  @Test func theTableNamesEveryOperator() throws {
    let description = try ModelDescription(model())
    let text = description.text
    for op in description.operators { #expect(text.contains(op.name)) }
    #expect(text.contains("labels: 2 lines"))
  }

  @Test func aHostileNameDoesNotReachTheTerminal() throws {
    let name = "a\u{1B}[2Jb\u{9B}c\u{7F}\r\nd"
    var graph = LowerEndToEndTests.network()
    graph.metadata = ["name": name, name: "\u{7}"]
    for id in graph.values.indices { graph.values[id].name = name + "\(id)" }
    let description = try ModelDescription(ModelWriter.write(Lowering.lower(graph)).bytes)
    #expect(description.text.contains(#"a\u{1B}[2Jb\u{9B}c\u{7F}\u{D}\u{A}d"#))
    for line in description.text.split(separator: "\n") + [try description.json[...]] {
      #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(description.json.utf8)) as? [String: Any])
    #expect((object["metadata"] as? [String: String])?["name"] == name)
  }

  @Test func damagedBytesAreRefusedWithTheRuntimesWords() throws {
    let bytes = try model()
    for broken in [[], Array(bytes.prefix(100)), Array(bytes.dropLast()), bytes.map { $0 ^ 1 }] {
      #expect(throws: CompilerError.self) { try ModelDescription(broken) }
    }
  }

  @Test(arguments: [(999, "999"), (1000, "1.00 k"), (123_456, "123 k"), (41_800_000, "41.8 M")])
  func countsAreShort(count: Int, text: String) { #expect(quantity(count) == text) }
}
