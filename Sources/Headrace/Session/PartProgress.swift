import CHeadrace

/// How far the parts of shared work are, in front of that work in the caller's memory.
///
/// A `parallel` that returns too early leaves threads behind. Those that have not begun find another round than theirs,
/// and leave; those that are at work are seen, and nothing new begins before they are done.
struct PartProgress {
  private let bytes: UnsafeMutablePointer<UInt8>

  private static var mostParts: Int { 64 }
  private static var rounds: UInt8 { 64 }
  /// A multiple of 64. Of each part a byte, 1 once it has begun and 2 when it is done; another, 1 while a thread is
  /// there; and the round.
  static var byteCount: Int { 2 * mostParts + 64 }

  init(_ memory: UnsafeMutableRawPointer) { bytes = memory.assumingMemoryBound(to: UInt8.self) }

  private func isThere(_ part: Int) -> UnsafeMutablePointer<UInt8> {
    bytes + (Self.mostParts &+ part)
  }
  private var round: UnsafeMutablePointer<UInt8> { bytes + 2 * Self.mostParts }

  /// What lies behind.
  var work: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bytes) + Self.byteCount }

  /// Before the first round, in memory that may hold anything.
  func clear() { bytes.update(repeating: 0, count: Self.byteCount) }

  /// Says so if a thread of an earlier round, of at most so many parts, is still there.
  func check(_ parts: Int) throws(Failure) {
    for part in 0..<parts where hr_flag(isThere(part)) != 0 {
      throw Failure(
        HR_INVALID_ARGUMENT,
        "parts of an earlier run are still at work, for parallel returned before them",
        remedy: "wait until every body has returned")
    }
  }

  /// What `body` of this round is given. Memory is 64-byte aligned, so that there is room for the round.
  func begin(_ parts: Int) -> UnsafeMutableRawPointer {
    bytes.update(repeating: 0, count: parts)
    return UnsafeMutableRawPointer(bytes + Int(hr_flag(round)))
  }

  /// Ends the round. Returns whether all parts were done.
  func end(_ parts: Int) -> Bool {
    hr_set_flag(round, (hr_flag(round) &+ 1) % Self.rounds)
    for part in 0..<parts where bytes[part] != 2 { return false }
    return true
  }

  /// Does a part, unless its round is over. One that is asked for twice is done once: it may have been done in place.
  static func enter(_ context: UnsafeMutableRawPointer, _ part: Int) {
    guard part < mostParts else { return }
    let own = UInt8(truncatingIfNeeded: UInt(bitPattern: context) % UInt(rounds))
    let progress = PartProgress(context - Int(own))
    hr_set_flag(progress.isThere(part), 1)
    if hr_flag(progress.round) == own {
      let work = progress.work.assumingMemoryBound(to: SharedWork.self).pointee
      if part < work.parts, progress.bytes[part] == 0 {
        progress.bytes[part] = 1
        work.body(progress.work, part)
        progress.bytes[part] = 2
      }
    }
    hr_set_flag(progress.isThere(part), 0)
  }
}
