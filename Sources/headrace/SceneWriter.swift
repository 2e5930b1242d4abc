import Dispatch
import Foundation
import HeadraceAcoustics
import HeadraceCompiler
import Synchronization

/// Renders scenes on all cores and writes them, in whatever order they are done.
struct SceneWriter: @unchecked Sendable {
  let sampler: SceneSampler
  let speech: [[Float]]
  let seed: UInt64
  let folder: URL
  let progress: ProgressLine

  func write(_ indices: Range<Int>) throws {
    let lines = Mutex<[String?]>(Array(repeating: nil, count: indices.count))
    let problem = Mutex<CompilerError?>(nil)
    let done = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: indices.count) { offset in
      guard problem.withLock({ $0 == nil }) else { return }
      do {
        let line = try write(indices.lowerBound + offset)
        lines.withLock { $0[offset] = line }
      } catch {
        problem.withLock { $0 = error as? CompilerError ?? CompilerError("\(error)") }
      }
      done.withLock {
        $0 += 1
        progress.update("simulating", $0, indices.count)
      }
    }
    progress.finish()
    if let problem = problem.withLock({ $0 }) { throw problem }
    let text = lines.withLock { $0.compactMap(\.self).joined(separator: "\n") } + "\n"
    try put(Data(text.utf8), "scenes.jsonl")
  }

  /// The line about a scene whose sound is written.
  private func write(_ index: Int) throws -> String {
    var (_, truth, sound) = try sampler.scene(index, seed: seed, speech: speech)
    truth.file = String(format: "scene-%06d.wav", index)
    let peak = sound.lazy.map { $0.lazy.map(abs).max() ?? 0 }.max() ?? 0
    let scale = peak > 0 ? 16_000 / peak : 0
    try put(
      WaveFileWriter.data(sound.map { $0.map { Int16(($0 * scale).rounded()) } }, rate: 16_000),
      truth.file)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(truth), as: UTF8.self)
  }

  private func put(_ data: Data, _ name: String) throws {
    do {
      try data.write(to: folder.appendingPathComponent(name), options: .atomic)
    } catch {
      throw CompilerError(
        "cannot write: \(error.localizedDescription)", at: folder.appendingPathComponent(name).path)
    }
  }
}
