import Foundation
import HeadraceCompiler
import Synchronization

/// What the service tells its operator: lines for people, or JSON objects.
final class ServeLog: Sendable {
  let json: Bool
  let quiet: Bool
  /// What first kept a line from being written, as errno has it.
  private let failure = Mutex<Int32>(0)

  init(json: Bool, quiet: Bool) {
    self.json = json
    self.quiet = quiet
  }

  /// A line at once, for whoever reads along; if nobody does, that is no reason to end. Nor is a full disk, but it is
  /// told, and in the end it is no success.
  func write(_ text: String) {
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes {
        Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return lose(errno)
      }
    }
  }

  private func lose(_ number: Int32) {
    guard number != EPIPE else { return }
    let isFirst = failure.withLock { first in
      defer { if first == 0 { first = number } }
      return first == 0
    }
    guard isFirst else { return }
    tell("error: \(Self.problem(number)); packets are answered all the same")
  }

  private static func problem(_ number: Int32) -> String {
    "the output could not be written: \(String(cString: strerror(number)))"
  }

  func write(_ object: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    write(String(decoding: try encoder.encode(object), as: UTF8.self))
  }

  func note(_ text: String) {
    if !quiet { tell("note: " + text.printable) }
  }

  private func tell(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("headrace: \(text)\n".utf8))
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
        "\(Compilation.producer): \(counted(limits.workers, "worker")) of \(counted(limits.threads, "thread"))"
      ]
      + service.tails.map {
        "  tail    \($0.description): latent \($0.latent), \(counted($0.classes, "class", "classes"))"
      } + service.listeners.map { "  listens \($0.address)" }
      + (metrics.map { ["  metrics http://\($0)/metrics"] } ?? [])
    return lines.joined(separator: "\n")
  }

  /// What became of all packets, when the service has ended.
  /// - Throws: if something was not written.
  func end(_ service: TailService, seconds: Double) throws {
    let figures = ServeFigures(service, event: "end", seconds: seconds)
    if json { try write(figures) } else if !quiet { write(figures.summary) }
    let number = failure.withLock(\.self)
    guard number == 0 else { throw CompilerError(Self.problem(number)) }
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
        + "\(counted(packets, "packet")), \(received) for a tail: \(answered) answered, \(refused) refused as damaged,"
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
          + " dropped by the system, \(counted(unsent, "answer")) not taken")
    }
    return lines.joined(separator: "\n")
  }
}
