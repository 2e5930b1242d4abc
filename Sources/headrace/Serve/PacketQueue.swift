import Foundation

/// Packets that wait for a worker, first come first served. It is bounded, and the newest frames stay: a sender's
/// newer packet takes the place of its oldest, and when all places are taken, the oldest of all goes.
final class PacketQueue: @unchecked Sendable {
  private let places: Int
  private let perSender: Int
  private let condition = NSCondition()
  private var waiting: [LatentPacket] = []
  private var isClosed = false

  /// - Parameters:
  ///   - places: packets that wait at most.
  ///   - perSender: of these of one sender.
  init(places: Int, perSender: Int) {
    self.places = places
    self.perSender = perSender
    waiting.reserveCapacity(places)
  }

  /// - Returns: the packet that had to give way, if any.
  func put(_ packet: LatentPacket) -> LatentPacket? {
    condition.withLock {
      defer { condition.signal() }
      guard !isClosed else { return packet }
      let same = waiting.indices.filter {
        waiting[$0].sender == packet.sender && waiting[$0].tail == packet.tail
      }
      if same.count >= perSender {
        // Datagrams may overtake one another, or come twice.
        if let newest = same.last, packet.head.isOlder(than: waiting[newest].head) { return packet }
        // The sender keeps its turns; what is in them moves up.
        let oldest = waiting[same[0]]
        for (place, next) in zip(same, same.dropFirst()) { waiting[place] = waiting[next] }
        waiting[same[same.count - 1]] = packet
        return oldest
      }
      let oldest = waiting.count >= places ? waiting.removeFirst() : nil
      waiting.append(packet)
      return oldest
    }
  }

  /// Waits for packets, and takes those of one tail: the one that has waited longest and, where more wait than
  /// there are workers, others of its tail, up to `most` or the worker's share.
  /// - Returns: none when the queue is closed.
  func take(most: Int, workers: Int) -> [LatentPacket] {
    condition.withLock {
      while waiting.isEmpty && !isClosed { condition.wait() }
      guard let tail = waiting.first?.tail, !isClosed else { return [] }
      let share = min(most, (waiting.count + workers - 1) / workers)
      var taken: [LatentPacket] = []
      waiting.removeAll { packet in
        guard packet.tail == tail, taken.count < share else { return false }
        taken.append(packet)
        return true
      }
      return taken
    }
  }

  /// Lets workers go.
  /// - Returns: what nobody will take.
  func close() -> [LatentPacket] {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      defer { waiting = [] }
      return waiting
    }
  }

  /// How many packets wait, and since when the first of them does, in nanoseconds of the monotonic clock.
  var state: (count: Int, oldest: UInt64?) {
    condition.withLock { (waiting.count, waiting.map(\.arrived).min()) }
  }
}
