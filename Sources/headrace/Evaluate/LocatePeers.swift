import Foundation
import HeadraceCompiler

/// What other software's methods say about the pieces of a report; `locate_peers.py` asks them.
struct LocatePeers {
  let python: PythonEnvironment
  let progress: ProgressLine

  /// The first line of the script.
  private struct Heading: Decodable {
    let about: String
    let methods: [String]
  }

  /// The others: answers about one room.
  private struct Answers: Decodable {
    struct Answer: Decodable {
      let method: String
      let window: Int
      let azimuth: Double?

      enum CodingKeys: String, CodingKey {
        case method, azimuth
        case window = "window_ms"
      }
    }

    let set: Int
    let room: Int
    let answers: [Answer]
  }

  /// - Parameter file: the report's, which says what to hear.
  func add(to report: inout LocateReport, writtenTo file: String) throws {
    let total = report.sets.reduce(0) { $0 + $1.rooms.count }
    var done = 0
    try python.run(ShippedFiles.evaluate.path("locate_peers.py"), [file]) { line in
      if report.peers == nil {
        let heading = try decode(Heading.self, line)
        report.peers = heading.about
        report.methods += heading.methods
        return
      }
      let found = try decode(Answers.self, line)
      guard report.sets.indices.contains(found.set),
        report.sets[found.set].rooms.indices.contains(found.room)
      else { throw CompilerError("locate_peers.py answers about a room that there is not") }
      let truth = report.sets[found.set].rooms[found.room].azimuth
      report.sets[found.set].rooms[found.room].answers += found.answers.map {
        .init(method: $0.method, window: $0.window, azimuth: $0.azimuth, truth: truth)
      }
      done += 1
      progress.update("asking pyroomacoustics", done, total)
    }
    progress.finish()
    guard done == total else {
      throw CompilerError("locate_peers.py answered about \(done) of \(total) rooms")
    }
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ line: String) throws -> Value {
    do { return try JSONDecoder().decode(type, from: Data(line.utf8)) } catch {
      throw CompilerError("locate_peers.py wrote what is no answer: \(line.prefix(200))")
    }
  }
}
