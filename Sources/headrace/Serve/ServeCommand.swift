import ArgumentParser
import Foundation
import HeadraceCompiler

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Runs tails: answers the packets that heads on boards send.",
    discussion: """
      A packet finds its tail by the identity of its head. A .hrm tail that was compiled with --head says which \
      head that is; others take a --head each, in their order. A .onnx tail is compiled to float32 at the start, and \
      takes a --head too.

      Of a sender's frames the newest count: one that is still waiting when a newer one comes is refused \
      (HR_TIMED_OUT), as its answer would come too late. Frames of unknown heads (HR_NOT_FOUND) and damaged ones \
      (HR_BAD_PAYLOAD) are refused too. Every worker has sessions of its own, so that memory grows with them. Where \
      more packets wait than there are workers, a worker takes up to --batch of one tail at a time; each still is one \
      run of the network, so that it saves wake-ups, not arithmetic.

      Ctrl-C ends it. --json prints one JSON object at the start, one a second and one at the end, with counts since \
      the start: {"answer_ms":21.4,"answered":311,"damaged":0,"event":"second",...}. --metrics serves the same to \
      Prometheus at http://ADDRESS/metrics, and at /healthz whether it answers packets (ok, or status 503). It tells its \
      health as the Open Inference Protocol has it too: /v2/health/live, /v2/health/ready and /v2/models/TAIL/ready, with \
      TAIL as the metrics name it, give status 200 or 400.

      Example:
        headrace serve --tail tail.hrm --listen udp://0.0.0.0:7433
        headrace serve --tail tail.onnx --head head.hrm --workers 4 \\
          --listen tcp://[::]:7433 --listen udp://[::]:7433 \\
          --metrics 127.0.0.1:9090
        curl http://127.0.0.1:9090/metrics
      """)

  @Option(
    name: .customLong("tail"), parsing: .singleValue,
    help: ArgumentHelp("A tail, .hrm or .onnx; may be given again.", valueName: "file"))
  var tails: [String] = []

  @Option(
    name: .customLong("head"), parsing: .singleValue,
    help: ArgumentHelp(
      "The head of a tail that does not name it; may be given again.", valueName: "file"))
  var heads: [String] = []

  @Option(
    name: .customLong("listen"), parsing: .singleValue,
    help: ArgumentHelp(
      "Where packets come: udp://ADDRESS:PORT, tcp://ADDRESS:PORT, mqtt://HOST:PORT/TOPIC; may be given again.",
      valueName: "address"))
  var addresses: [String] = []

  @Option(help: ArgumentHelp("Where to serve metrics, as 127.0.0.1:9090.", valueName: "host:port"))
  var metrics: String?

  @Option(help: "Packets that are worked on at a time, 1 to 64. (default: CPUs / threads)")
  var workers: Int?

  @Option(help: "Threads of each worker, 1 to 64.")
  var threads = 1

  @Option(help: "Packets that a worker takes at a time, 1 to 64.")
  var batch = 8

  @Option(help: "Frames of one sender that wait, 1 to 64.")
  var waiting = 1

  @Option(help: "Classes of an answer, 1 to 8.")
  var classes = 5

  @Flag(help: "Print JSON objects, one a line.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors, and JSON if asked.")
  var quiet = false

  func validate() throws {
    guard !tails.isEmpty else { throw ValidationError("there is no tail; add --tail FILE") }
    guard !addresses.isEmpty else {
      throw ValidationError("there is no address; add --listen udp://0.0.0.0:7433")
    }
    for (name, value) in [
      ("--workers", workers ?? 1), ("--threads", threads), ("--batch", batch),
      ("--waiting", waiting),
    ] where !(1...64).contains(value) {
      throw ValidationError("\(name) takes 1 to 64, not \(value)")
    }
    guard (1...8).contains(classes) else {
      throw ValidationError("--classes takes 1 to 8, not \(classes)")
    }
  }

  func run() throws {
    guard StandardStreams.hasOutput || !json else {
      throw ValidationError("--json is for standard output, which is closed; leave it out")
    }
    StandardStreams.fill()
    // A peer or a reader that goes away is no reason to end.
    signal(SIGPIPE, SIG_IGN)
    let end = EndSignal()
    let log = ServeLog(json: json, quiet: quiet)
    let served = try ServedTail.open(tails: tails, heads: heads)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let service = TailService(
      tails: served, listeners: try addresses.map(Listener.init),
      TailService.Limits(
        workers: min(max(workers ?? cores / threads, 1), 64), threads: threads, batch: batch,
        perSender: waiting, classes: classes), note: { log.note($0) })
    let started = Date()
    let pages: HTTPServer.Pages = { path in
      switch path {
      case "/metrics":
        let page = ServeMetrics(service: service, uptime: Date().timeIntervalSince(started))
        return .init(type: ServeMetrics.contentType, text: page.text)
      case "/healthz":
        return service.isReady
          ? .init(text: "ok\n") : .init(status: 503, text: "packets are not being answered\n")
      default: return ServeHealth(service: service).page(path)
      }
    }
    let server = try metrics.map { try HTTPServer($0, pages) }
    // It serves as long as it lives.
    defer { withExtendedLifetime(server) {} }
    try service.start()
    try log.begin(service, metrics: server?.address)
    var seconds = 0.0
    while true {
      let next = seconds + 1 - Date().timeIntervalSince(started)
      if end.wait(seconds: max(next, 0)) { break }
      seconds += 1
      if json { try log.write(ServeFigures(service, event: "second", seconds: seconds)) }
    }
    service.stop()
    try log.end(service, seconds: Date().timeIntervalSince(started))
  }
}
