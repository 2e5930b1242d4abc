import Foundation
import HeadraceAcoustics
import HeadraceCompiler

/// Renders scenes on all cores and writes them, in whatever order they are done. They come into their folder when all
/// are there: of what is interrupted nothing stays.
struct SceneWriter {
  /// The list of a folder's scenes, one line each.
  static let list = "scenes.jsonl"

  let sampler: SceneSampler
  let speech: [[Float]]
  let seed: UInt64
  let folder: OutputFolder
  let progress: ProgressLine

  func write(_ indices: Range<Int>) throws {
    try checkNames(indices)
    let temporary = try TemporaryFolder(in: folder)
    defer { temporary.remove() }
    let made = temporary.folder
    let lines = try concurrentMap(indices.count, "simulating", progress) { offset in
      do {
        return try write(indices.lowerBound + offset, into: made)
      } catch let problem as SceneProblem {
        throw CompilerError("\(problem)")
      }
    }
    // There may be such a folder by now, and all of them come, or none.
    try checkNames(indices)
    // Until all are there, no list says that they are.
    try folder.remove(Self.list)
    for index in indices { try folder.take(Self.name(index), from: made) }
    try folder.write(Data((lines.joined(separator: "\n") + "\n").utf8), Self.list)
  }

  private func checkNames(_ indices: Range<Int>) throws {
    try folder.checkNames(indices.lazy.map(Self.name))
    try folder.checkNames([Self.list])
  }

  private static func name(_ index: Int) -> String { String(format: "scene-%06d.wav", index) }

  /// The line about a scene whose sound is written.
  private func write(_ index: Int, into folder: OutputFolder) throws -> String {
    var (_, truth, sound) = try sampler.scene(index, seed: seed, speech: speech)
    truth.file = Self.name(index)
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
