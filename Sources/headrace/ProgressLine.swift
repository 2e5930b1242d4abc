import Foundation

/// How far a long job is, on standard error: one line that is rewritten on a terminal, else a line every
/// few seconds. Jobs of less than a second stay silent.
final class ProgressLine {
  private let quiet: Bool
  private let started = Date()
  private var lastShown = Date.distantPast
  private var shown = false
  private let isTerminal = isatty(2) == 1

  init(quiet: Bool) { self.quiet = quiet }

  func update(_ job: String, _ done: Int, _ total: Int) {
    let now = Date()
    let interval = isTerminal ? 0.1 : 5
    guard !quiet, now.timeIntervalSince(started) > 1,
      now.timeIntervalSince(lastShown) > interval
    else { return }
    lastShown = now
    shown = true
    let width = 30
    let filled = width * done / max(total, 1)
    let bar =
      String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    let text = "\(job) [\(bar)] \(done)/\(total)"
    write(isTerminal ? "\r\u{1b}[K" + text : text + "\n")
  }

  func finish() {
    if shown && isTerminal { write("\r\u{1b}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
