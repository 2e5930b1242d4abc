import Foundation
import HeadraceCompiler

/// What other software's methods say about the pieces of a report; `locate_peers.py` asks them.
struct LocatePeers {
  let python: PythonEnvironment
  let progress: ProgressLine

  private static let script = "locate_peers.py"

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
    try python.run(ShippedFiles.evaluate.path(Self.script), [file]) { line in
      if report.peers == nil {
        let heading = try scriptAnswer(Heading.self, line, from: Self.script)
        report.peers = heading.about
        report.methods += heading.methods
        return
      }
      let found = try scriptAnswer(Answers.self, line, from: Self.script)
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
}
