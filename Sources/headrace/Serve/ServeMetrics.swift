import CHeadrace
import Foundation
import HeadraceCompiler

/// The service's state in Prometheus' text format, version 0.0.4.
struct ServeMetrics {
  let service: TailService
  /// Seconds since the start.
  let uptime: Double

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  var text: String {
    var page = MetricsPage()
    page.add(
      "headrace_info", "gauge", "What serves: always 1.",
      [(["version": Compilation.producer], 1)])
    page.add("headrace_uptime_seconds", "gauge", "Since the start.", [([:], uptime)])
    addListeners(&page)
    let counters = service.counters.snapshot
    page.add(
      "headrace_unknown_packets_total", "counter", "Latents of heads without a tail, refused.",
      [([:], Double(counters.unknown))])
    page.add(
      "headrace_other_packets_total", "counter", "Packets that are no latent, left out.",
      [([:], Double(counters.other))])
    page.add(
      "headrace_waiting_packets", "gauge", "That no worker has taken yet.",
      [([:], Double(service.queue.state.count))])
    page.add("headrace_workers", "gauge", "Workers.", [([:], Double(service.limits.workers))])
    page.add(
      "headrace_batches_total", "counter", "How often a worker went for packets.",
      [([:], Double(counters.batches))])
    addTails(&page, counters)
    return page.text
  }

  private func addListeners(_ page: inout MetricsPage) {
    let states = service.listeners.map { (["listen": $0.address], $0.state) }
    func add(
      _ name: String, _ kind: String, _ help: String, _ value: (hr_listener_state) -> UInt64
    ) {
      page.add("headrace_\(name)", kind, help, states.map { ($0.0, Double(value($0.1))) })
    }
    add("peers", "gauge", "Connected now.") { UInt64($0.peers) }
    add("packets_received_total", "counter", "Packets received whole.") { $0.packets }
    add("packets_damaged_total", "counter", "What came and was no packet.") { $0.damaged }
    add(
      "packets_lost_total", "counter",
      "Datagrams that the system dropped: more came than were taken."
    ) { $0.lost }
    add("answers_sent_total", "counter", "Answers and refusals sent.") { $0.answers }
    add("answers_unsent_total", "counter", "Those that a peer did not take.") { $0.unsent }
    add("peers_refused_total", "counter", "Connections above what is served.") {
      $0.refused_peers
    }
    add(
      "peers_starved_total", "counter",
      "How often connections began to wait for want of file descriptors."
    ) { $0.starved }
    add("received_bytes_total", "counter", "Bytes received.") { $0.bytes_received }
    add("sent_bytes_total", "counter", "Bytes sent.") { $0.bytes_sent }
  }

  private func addTails(_ page: inout MetricsPage, _ counters: ServeCounters.Snapshot) {
    let tails = zip(service.tails, counters.tails).map { tail, frames in
      (labels: ["tail": tail.name, "head": tail.hexadecimalIdentity], frames: frames)
    }
    page.add(
      "headrace_frames_received_total", "counter", "Latents for this tail.",
      tails.map { ($0.labels, Double($0.frames.received)) })
    let outcomes: [(String, (ServeCounters.Frames) -> UInt64)] = [
      ("answered", { $0.answered }), ("refused", { $0.refused }), ("replaced", { $0.replaced }),
    ]
    page.add(
      "headrace_frames_total", "counter",
      "What became of latents: answered, refused as damaged, replaced by newer ones.",
      tails.flatMap { tail in
        outcomes.map { name, count in
          (tail.labels.merging(["outcome": name]) { $1 }, Double(count(tail.frames)))
        }
      })
    page.add(
      "headrace_frame_bytes_total", "counter", "Bytes of packets for this tail.",
      tails.map { ($0.labels, Double($0.frames.bytes)) })
    page.add(
      "headrace_answer_seconds", "From a packet's arrival to its answer, waiting included.",
      tails.map { ($0.labels, $0.frames.spent) })
    page.add(
      "headrace_run_seconds", "Of decoding a packet and running the tail.",
      tails.map { ($0.labels, $0.frames.run) })
  }
}

/// Lines of Prometheus' text format.
struct MetricsPage {
  private(set) var text = ""

  mutating func add(
    _ name: String, _ kind: String, _ help: String, _ values: [([String: String], Double)]
  ) {
    begin(name, kind, help)
    for (labels, value) in values { line(name, labels, value) }
  }

  mutating func add(_ name: String, _ help: String, _ values: [([String: String], Histogram)]) {
    begin(name, "histogram", help)
    for (labels, histogram) in values {
      var below: UInt64 = 0
      for (index, count) in histogram.buckets.enumerated() {
        below += count
        let limit = index < Histogram.limits.count ? "\(Histogram.limits[index])" : "+Inf"
        line(name + "_bucket", labels.merging(["le": limit]) { $1 }, Double(below))
      }
      line(name + "_sum", labels, histogram.seconds)
      line(name + "_count", labels, Double(below))
    }
  }

  private mutating func begin(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  private mutating func line(_ name: String, _ labels: [String: String], _ value: Double) {
    let list = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
    let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    text += name + (list.isEmpty ? "" : "{\(list.joined(separator: ","))}") + " \(number)\n"
  }

  private func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
