import Synchronization

/// What became of packets, and how long they took.
final class ServeCounters: Sendable {
  /// Of one tail.
  struct Frames {
    /// Packets with a latent for this tail.
    var received: UInt64 = 0
    var answered: UInt64 = 0
    /// Its latent did not decode, or the tail refused it.
    var refused: UInt64 = 0
    /// A newer frame took its place.
    var replaced: UInt64 = 0
    var bytes: UInt64 = 0
    /// From arrival to answer.
    var spent = Histogram()
    /// Of the tail alone.
    var run = Histogram()
  }

  struct Snapshot {
    var tails: [Frames]
    /// Latents of heads that have no tail here.
    var unknown: UInt64 = 0
    /// Whole packets that are no latent.
    var other: UInt64 = 0
    /// How often a worker went for packets.
    var batches: UInt64 = 0

    var answered: UInt64 { total(\.answered) }
    var refused: UInt64 { total(\.refused) }
    var replaced: UInt64 { total(\.replaced) }
    var received: UInt64 { total(\.received) }

    private func total(_ count: (Frames) -> UInt64) -> UInt64 {
      tails.reduce(0) { $0 + count($1) }
    }
  }

  private let state: Mutex<Snapshot>

  init(tails: Int) { state = Mutex(Snapshot(tails: Array(repeating: Frames(), count: tails))) }

  var snapshot: Snapshot { state.withLock { $0 } }

  func count(_ change: (inout Snapshot) -> Void) { state.withLock { change(&$0) } }
}

/// Durations by upper limits, as Prometheus has them.
struct Histogram {
  /// In seconds; a last bucket has what is longer.
  static let limits = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

  private(set) var buckets = [UInt64](repeating: 0, count: limits.count + 1)
  private(set) var seconds = 0.0

  var count: UInt64 { buckets.reduce(0, +) }
  var mean: Double? { count == 0 ? nil : seconds / Double(count) }

  mutating func add(nanoseconds: UInt64) {
    let duration = Double(nanoseconds) / 1e9
    buckets[Self.limits.firstIndex { duration <= $0 } ?? Self.limits.count] += 1
    seconds += duration
  }
}
