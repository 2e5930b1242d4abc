import Foundation
import HeadraceCompiler

/// What the service tells its operator: lines for people, or JSON objects.
struct ServeLog: Sendable {
  let json: Bool
  let quiet: Bool

  /// A line at once, for whoever reads along; if nobody does, that is no reason to end.
  func write(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
  }

  func write(_ object: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    write(String(decoding: try encoder.encode(object), as: UTF8.self))
  }

  func note(_ text: String) {
    guard !quiet else { return }
    try? FileHandle.standardError.write(
      contentsOf: Data("headrace: note: \(text.printable)\n".utf8))
  }

  func begin(_ service: TailService, metrics: String?) throws {
    guard json else {
      if !quiet { write(banner(service, metrics: metrics)) }
      return
    }
    try write(
      Start(
        tails: service.tails.map {
          .init(name: $0.name, head: $0.hexadecimalIdentity, latent: $0.latent, classes: $0.classes)
        }, listen: service.listeners.map(\.address), metrics: metrics,
        workers: service.limits.workers))
  }

  private func banner(_ service: TailService, metrics: String?) -> String {
    let limits = service.limits
    let lines =
      [
        "\(Compilation.producer): \(count(limits.workers, "worker")) of \(count(limits.threads, "thread"))"
      ]
      + service.tails.map {
        "  tail    \($0.description): latent \($0.latent), \(count($0.classes, "class", "classes"))"
      } + service.listeners.map { "  listens \($0.address)" }
      + (metrics.map { ["  metrics http://\($0)/metrics"] } ?? [])
    return lines.joined(separator: "\n")
  }

  /// What became of all packets, when the service has ended.
  func end(_ service: TailService, seconds: Double) throws {
    let figures = ServeFigures(service, event: "end", seconds: seconds)
    guard json else {
      if !quiet { write(figures.summary) }
      return
    }
    try write(figures)
  }

  private func count(_ number: Int, _ one: String, _ more: String? = nil) -> String {
    "\(number) " + (number == 1 ? one : more ?? one + "s")
  }

  private struct Start: Encodable {
    struct Tail: Encodable {
      let name: String
      let head: String
      let latent: String
      let classes: Int
    }
    var event = "start"
    let tails: [Tail]
    let listen: [String]
    let metrics: String?
    let workers: Int
  }
}

/// The service's counters since its start, as --json prints them.
struct ServeFigures: Encodable {
  let event: String
  let seconds: Double
  /// Packets received whole.
  let packets: UInt64
  /// What was no packet, or no latent.
  let damaged: UInt64
  /// Datagrams that the system dropped.
  let lost: UInt64
  let other: UInt64
  let unknown: UInt64
  /// Latents for one of the tails; all but what waits is answered, refused or replaced.
  let received: UInt64
  let answered: UInt64
  let refused: UInt64
  let replaced: UInt64
  let waiting: Int
  let peers: UInt64
  let unsent: UInt64
  /// Means since the start; nil: nothing was answered.
  let answerMilliseconds: Double?
  let runMilliseconds: Double?

  enum CodingKeys: String, CodingKey {
    case event, seconds, packets, damaged, lost, other, unknown, received, answered, refused
    case replaced, waiting, peers, unsent
    case answerMilliseconds = "answer_ms"
    case runMilliseconds = "run_ms"
  }

  init(_ service: TailService, event: String, seconds: Double) {
    let counters = service.counters.snapshot
    let states = service.listeners.map(\.state)
    self.event = event
    self.seconds = (seconds * 1000).rounded() / 1000
    packets = states.reduce(0) { $0 + $1.packets }
    damaged = states.reduce(0) { $0 + $1.damaged }
    lost = states.reduce(0) { $0 + $1.lost }
    peers = states.reduce(0) { $0 + UInt64($1.peers) }
    unsent = states.reduce(0) { $0 + $1.unsent }
    other = counters.other
    unknown = counters.unknown
    received = counters.received
    answered = counters.answered
    refused = counters.refused
    replaced = counters.replaced
    waiting = service.queue.state.count
    func mean(_ histogram: (ServeCounters.Frames) -> Histogram) -> Double? {
      let all = counters.tails.map(histogram)
      let count = all.reduce(0) { $0 + $1.count }
      guard count > 0 else { return nil }
      return (all.reduce(0) { $0 + $1.seconds } / Double(count) * 1e6).rounded() / 1000
    }
    answerMilliseconds = mean(\.spent)
    runMilliseconds = mean(\.run)
  }

  var summary: String {
    var lines = [
      String(format: "%.1f s: ", seconds)
        + "\(packets) packets, \(received) for a tail: \(answered) answered, \(refused) refused as damaged,"
        + " \(replaced) replaced by newer ones"
    ]
    if let answerMilliseconds, let runMilliseconds {
      lines.append(
        String(
          format: "an answer took %.1f ms on average, %.1f ms of them the tail", answerMilliseconds,
          runMilliseconds))
    }
    if unknown + other + damaged + lost + unsent > 0 {
      lines.append(
        "\(unknown) of unknown heads, \(other) that are no latent, \(damaged) that are no packet, \(lost)"
          + " dropped by the system, \(unsent) answers not taken")
    }
    return lines.joined(separator: "\n")
  }
}
