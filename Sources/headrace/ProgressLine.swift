import Foundation
import Synchronization

/// How far a long job is, on standard error: one line that is rewritten on a terminal, else a line every
/// few seconds. Jobs of less than a second stay silent. Any thread may tell.
final class ProgressLine: Sendable {
  private struct State {
    var lastShown = Date.distantPast
    var isShown = false
  }

  private let quiet: Bool
  private let started = Date()
  private let isTerminal = isatty(2) == 1
  private let state = Mutex(State())

  init(quiet: Bool) { self.quiet = quiet }

  func update(_ job: String, _ done: Int, _ total: Int) {
    let now = Date()
    let interval = isTerminal ? 0.1 : 5
    guard !quiet, now.timeIntervalSince(started) > 1 else { return }
    state.withLock { state in
      guard now.timeIntervalSince(state.lastShown) > interval else { return }
      state.lastShown = now
      state.isShown = true
      let width = 30
      let filled = width * done / max(total, 1)
      let bar =
        String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
      let text = "\(job) [\(bar)] \(done)/\(total)"
      write(isTerminal ? "\r\u{1b}[K" + text : text + "\n")
    }
  }

  func finish() {
    state.withLock { state in
      if state.isShown && isTerminal { write("\r\u{1b}[K") }
      state.isShown = false
    }
  }

  /// A line that stays: what is about to begin.
  func say(_ text: String) {
    guard !quiet else { return }
    finish()
    write(text + "\n")
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
