import Foundation

/// Which notes were made already: what goes on, or comes and goes, is told once.
struct RepeatedNotes {
  /// What was gone for so many seconds is told again.
  private static let pause = 60.0

  private var last: [String: Date] = [:]

  /// Whether to tell this now.
  mutating func isNew(_ text: String, at now: Date = Date()) -> Bool {
    last = last.filter { now.timeIntervalSince($0.value) < Self.pause }
    return last.updateValue(now, forKey: text) == nil
  }
}
