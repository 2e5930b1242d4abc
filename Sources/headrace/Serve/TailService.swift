import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler
import Synchronization

/// Takes packets in from listeners, has workers run the tails, and sends answers back.
///
/// A thread for each listener, and one for each worker, which has sessions of its own of every tail. Nothing that a
/// packet holds ends the service: what cannot be answered is refused, and everything is counted.
final class TailService: Sendable {
  struct Limits: Sendable {
    var workers: Int
    /// Threads of each worker.
    var threads: Int
    /// Packets that a worker takes at a time.
    var batch: Int
    /// Packets of one sender that wait.
    var perSender: Int
    /// Packets that wait in all.
    var places = 256
    /// Classes of an answer.
    var classes = 5
  }

  let tails: [ServedTail]
  let listeners: [Listener]
  let counters: ServeCounters
  let queue: PacketQueue
  let limits: Limits
  private let tailOf: [UInt32: Int]
  private let isRunning = Atomic(false)
  private let isStopping = Atomic(false)
  private let threads = DispatchGroup()
  /// Told once of each head that has no tail, the first few of them.
  private let unknownHeads = Mutex<Set<UInt32>>([])
  private let note: @Sendable (String) -> Void

  /// - Parameter note: takes a line about what an operator should know.
  init(
    tails: [ServedTail], listeners: [Listener], _ limits: Limits,
    note: @escaping @Sendable (String) -> Void
  ) {
    self.tails = tails
    self.listeners = listeners
    self.limits = limits
    self.note = note
    counters = ServeCounters(tails: tails.count)
    queue = PacketQueue(places: limits.places, perSender: limits.perSender)
    tailOf = Dictionary(
      tails.enumerated().map { ($1.identity, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: what keeps a worker from having its sessions; nothing runs then.
  func start() throws {
    let workers = try (0..<limits.workers).map { _ in
      try TailWorker(
        tails.map {
          try SplitTail(NetworkSession($0.model, threads: limits.threads), head: $0.head)
        },
        self)
    }
    for worker in workers { begin("worker") { worker.work() } }
    for index in listeners.indices { begin("listener") { self.listen(index) } }
    isRunning.store(true, ordering: .relaxed)
  }

  /// Ends when packets in hand are answered; what waits is refused.
  func stop() {
    isStopping.store(true, ordering: .relaxed)
    for packet in queue.close() { giveWay(packet) }
    threads.wait()
  }

  private func begin(_ name: String, _ body: @escaping @Sendable () -> Void) {
    threads.enter()
    let group = threads
    let thread = Thread {
      body()
      group.leave()
    }
    thread.name = name
    thread.start()
  }

  /// Whether packets are being answered: it has started, does not end, and none has waited for ten seconds.
  var isReady: Bool {
    guard isRunning.load(ordering: .relaxed), !isStopping.load(ordering: .relaxed) else {
      return false
    }
    guard let oldest = queue.state.oldest else { return true }
    return hr_clock_monotonic(nil) < oldest + 10_000_000_000
  }

  // MARK: Coming in

  private func listen(_ index: Int) {
    var notes = RepeatedNotes()
    while !isStopping.load(ordering: .relaxed) {
      do {
        if let (bytes, peer) = try listeners[index].receive(milliseconds: 100) {
          take(bytes, Sender(listener: index, peer))
        }
      } catch {
        if notes.isNew("\(error)") { note("\(listeners[index].address): \(error)") }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  private func take(_ bytes: [UInt8], _ sender: Sender) {
    let arrived = hr_clock_monotonic(nil)
    var info = hr_packet_info()
    info.struct_size = UInt32(MemoryLayout<hr_packet_info>.size)
    guard hr_packet_inspect(bytes, bytes.count, &info, nil) == HR_OK,
      info.kind == HR_PACKET_LATENT
    else { return counters.count { $0.other += 1 } }
    let head = PacketHead(info)
    guard let tail = tailOf[info.model_id] else {
      counters.count { $0.unknown += 1 }
      noteUnknown(info.model_id)
      return send(head.answer(HR_NOT_FOUND, arrived: arrived), to: sender)
    }
    counters.count {
      $0.tails[tail].received += 1
      $0.tails[tail].bytes += UInt64(bytes.count)
    }
    let packet = LatentPacket(
      bytes: bytes, sender: sender, tail: tail, arrived: arrived, head: head)
    if let old = queue.put(packet) { giveWay(old) }
  }

  private func noteUnknown(_ identity: UInt32) {
    let isNew = unknownHeads.withLock { $0.count < 8 && $0.insert(identity).inserted }
    guard isNew else { return }
    note(
      "packets of head \(String(format: "%08x", identity)) are refused: none of the tails is its own"
    )
  }

  // MARK: Going out

  /// A refusal, so that the sender need not wait for what will not come.
  private func giveWay(_ packet: LatentPacket) {
    counters.count { $0.tails[packet.tail].replaced += 1 }
    send(packet.head.answer(HR_TIMED_OUT, arrived: packet.arrived), to: packet.sender)
  }

  /// HR_MAX_ANSWER_BYTES.
  private static let mostAnswerBytes = Int(HR_PACKET_HEADER_BYTES + 4 + 4 * HR_MAX_CLASSES)

  func send(_ answer: hr_answer, to sender: Sender) {
    var answer = answer
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.mostAnswerBytes) { buffer in
      var count = 0
      guard hr_answer_pack(&answer, buffer.baseAddress, buffer.count, &count, nil) == HR_OK else {
        return
      }
      listeners[sender.listener].answer(sender.peer, buffer.baseAddress!, count)
    }
  }
}

/// A thread's own sessions of all tails; only that thread touches them.
final class TailWorker: @unchecked Sendable {
  private let splits: [SplitTail]
  private unowned let service: TailService

  init(_ splits: [SplitTail], _ service: TailService) {
    self.splits = splits
    self.service = service
  }

  func work() {
    while true {
      let packets = service.queue.take(
        most: service.limits.batch, workers: service.limits.workers)
      guard !packets.isEmpty else { return }
      service.counters.count { $0.batches += 1 }
      for packet in packets { answer(packet) }
    }
  }

  private func answer(_ packet: LatentPacket) {
    let began = hr_clock_monotonic(nil)
    var answer = packet.head.answer(HR_OK, arrived: packet.arrived)
    let status = splits[packet.tail].answer(
      packet.bytes, &answer, classes: service.limits.classes)
    let ended = hr_clock_monotonic(nil)
    let finished = packet.head.answer(status, arrived: packet.arrived)
    answer.status = status
    answer.tail_us = finished.tail_us
    service.send(answer, to: packet.sender)
    service.counters.count {
      guard status == HR_OK else { return $0.tails[packet.tail].refused += 1 }
      $0.tails[packet.tail].answered += 1
      $0.tails[packet.tail].run.add(nanoseconds: ended - began)
      $0.tails[packet.tail].spent.add(nanoseconds: ended - packet.arrived)
    }
  }
}
