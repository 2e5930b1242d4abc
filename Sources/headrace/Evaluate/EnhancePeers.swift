import Foundation
import HeadraceCompiler

/// What scripts make of an evaluation's pictures, and how natural they find them.
struct EnhancePeers {
  let python: PythonEnvironment
  let measurement: EnhanceMeasurement

  /// Photographs as they should be, which NIQE compares with.
  enum Pristine: Encodable {
    /// A file of the model that was fitted to some.
    case model(String)
    /// Pictures of a folder to fit one to.
    case pictures(name: String, files: [String])

    enum CodingKeys: String, CodingKey {
      case model, name, pictures
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch self {
      case .model(let file): try container.encode(file, forKey: .model)
      case .pictures(let name, let files):
        try container.encode(name, forKey: .name)
        try container.encode(files, forKey: .pictures)
      }
    }
  }

  private static let classical = "enhance_classical.py"
  private static let niqe = "enhance_niqe.py"

  /// What scripts read: which method made which files.
  private struct Manifest: Encodable {
    struct Method: Encodable {
      let name: String
      let files: [String]
    }

    let folder: String
    let pictures: [String]
    let methods: [Method]
    let pristine: Pristine?
  }

  /// - Returns: the file's path.
  private func manifest(
    _ outcomes: [EnhanceMeasurement.Outcome], _ pristine: Pristine? = nil
  ) throws -> String {
    let manifest = Manifest(
      folder: measurement.work.url.path, pictures: measurement.pairs.map(\.name),
      methods: outcomes.map { .init(name: $0.method.name, files: $0.files) },
      pristine: pristine)
    try measurement.work.write(JSONEncoder().encode(manifest), "manifest.json")
    return measurement.work.path("manifest.json")
  }

  /// What classical methods make of dark pictures.
  func classical(_ dark: EnhanceMeasurement.Outcome) throws
    -> (about: String, outcomes: [EnhanceMeasurement.Outcome])
  {
    struct Heading: Decodable {
      let about: String
      let methods: [String]
    }
    struct Answer: Decodable {
      struct Result: Decodable {
        let file: String
        let milliseconds: Double
      }
      let picture: Int
      let results: [Result]
    }
    let count = measurement.pairs.count
    var heading: Heading?
    var answers: [[Answer.Result]?] = Array(repeating: nil, count: count)
    try run(Self.classical, try manifest([dark])) { line in
      guard let heading else {
        heading = try scriptAnswer(Heading.self, line, from: Self.classical)
        return
      }
      let answer = try scriptAnswer(Answer.self, line, from: Self.classical)
      guard answers.indices.contains(answer.picture),
        answer.results.count == heading.methods.count
      else { throw CompilerError("\(Self.classical) answers what was not asked") }
      answers[answer.picture] = answer.results
      measurement.progress.update("classical methods", answer.picture + 1, count)
    }
    let all = answers.compactMap(\.self)
    guard let heading, all.count == count else {
      throw CompilerError("\(Self.classical) answered about \(all.count) of \(count) pictures")
    }
    let outcomes = heading.methods.enumerated().map { method, name in
      var outcome = measurement.outcome(name, .classical, all.map { $0[method].file })
      for (picture, results) in all.enumerated() {
        outcome.method.pictures[picture].milliseconds = results[method].milliseconds
      }
      return outcome
    }
    return (heading.about, outcomes)
  }

  /// Sets NIQE of every picture that is large enough.
  /// - Returns: what its model is.
  func judge(
    _ outcomes: inout [EnhanceMeasurement.Outcome], _ pristine: Pristine
  ) throws -> String {
    struct Heading: Decodable {
      let about: String
    }
    struct Answer: Decodable {
      let method: Int
      let picture: Int
      let niqe: Double?
    }
    let total = outcomes.count * measurement.pairs.count
    var about: String?
    var done = 0
    let manifest = try manifest(outcomes, pristine)
    try run(Self.niqe, manifest) { line in
      guard about != nil else {
        about = try scriptAnswer(Heading.self, line, from: Self.niqe).about
        return
      }
      let answer = try scriptAnswer(Answer.self, line, from: Self.niqe)
      guard outcomes.indices.contains(answer.method),
        measurement.pairs.indices.contains(answer.picture)
      else { throw CompilerError("\(Self.niqe) answers what was not asked") }
      outcomes[answer.method].method.pictures[answer.picture].niqe = answer.niqe
      done += 1
      measurement.progress.update("NIQE", done, total)
    }
    guard let about, done == total else {
      throw CompilerError("\(Self.niqe) answered about \(done) of \(total) pictures")
    }
    return about
  }

  /// Plots into the folder of results.
  /// - Parameter report: its file's bytes.
  func draw(_ outcomes: [EnhanceMeasurement.Outcome], _ report: Data) throws {
    let work = measurement.work
    try work.write(report, "report.json")
    try python.run(
      ShippedFiles.evaluate.path("enhance_plots.py"),
      [try manifest(outcomes), work.path("report.json"), work.url.path])
  }

  private func run(_ script: String, _ manifest: String, line: (String) throws -> Void) throws {
    try python.run(ShippedFiles.evaluate.path(script), [manifest], line: line)
    measurement.progress.finish()
  }
}
