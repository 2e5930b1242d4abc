import Foundation
import HeadraceAcoustics
import HeadraceCompiler

/// Renders scenes on all cores and writes them, in whatever order they are done.
struct SceneWriter {
  /// The list of a folder's scenes, one line each.
  static let list = "scenes.jsonl"

  let sampler: SceneSampler
  let speech: [[Float]]
  let seed: UInt64
  let folder: OutputFolder
  let progress: ProgressLine

  func write(_ indices: Range<Int>) throws {
    // Until all are there, no list says that they are.
    try folder.remove(Self.list)
    let lines = try concurrentMap(indices.count, "simulating", progress) { offset in
      do {
        return try write(indices.lowerBound + offset)
      } catch let problem as SceneProblem {
        throw CompilerError("\(problem)")
      }
    }
    try folder.write(Data((lines.joined(separator: "\n") + "\n").utf8), Self.list)
  }

  /// The line about a scene whose sound is written.
  private func write(_ index: Int) throws -> String {
    var (_, truth, sound) = try sampler.scene(index, seed: seed, speech: speech)
    truth.file = String(format: "scene-%06d.wav", index)
    let peak = sound.lazy.map { $0.lazy.map(abs).max() ?? 0 }.max() ?? 0
    let scale = peak > 0 ? 16_000 / peak : 0
    try folder.write(
      WaveFileWriter.data(sound.map { $0.map { Int16(($0 * scale).rounded()) } }, rate: 16_000),
      truth.file)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(truth), as: UTF8.self)
  }
}
