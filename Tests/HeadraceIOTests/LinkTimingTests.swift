import CHeadraceIO
import Testing

/// A link that is simulated: packets go one after the other at so many bytes a second, and answers come back after a
/// round trip and what the tail takes.
private struct SimulatedLink {
  var bytesPerSecond: Double
  var roundTrip: Double
  var timing = hr_link_timing()
  private var freeAt = 0.0
  private var random = SystemRandomNumberGenerator()

  init(bytesPerSecond: Double, roundTrip: Double) {
    self.bytesPerSecond = bytesPerSecond
    self.roundTrip = roundTrip
  }

  mutating func send(_ byteCount: Int, at time: Double, tail: Double = 0, tailSays: UInt64? = nil) {
    freeAt = max(freeAt, time) + Double(byteCount) / bytesPerSecond
    let nanoseconds = { (seconds: Double) in UInt64(seconds * 1e9) }
    hr_link_timing_note(
      &timing, byteCount, nanoseconds(time), nanoseconds(freeAt + roundTrip + tail),
      tailSays ?? nanoseconds(tail))
  }

  var told: (bytesPerSecond: Float, roundTripMilliseconds: Float) {
    var bytesPerSecond: Float = 0
    var milliseconds: Float = 0
    hr_link_timing_tell([timing], &bytesPerSecond, &milliseconds)
    return (bytesPerSecond, milliseconds)
  }
}

private func near(_ value: Float, _ expected: Float) -> Bool {
  abs(value - expected) < 0.05 * expected
}

@Suite struct LinkTimingTests {
  @Test func nothingIsKnownOfALinkThatAnsweredNothing() {
    let told = SimulatedLink(bytesPerSecond: 1, roundTrip: 1).told
    #expect(told == (0, 0))
  }

  @Test(arguments: [1, 2, 4])
  func throughputAndRoundTripAreToldApartByPacketsOfSeveralSizes(atOnce: Int) {
    var link = SimulatedLink(bytesPerSecond: 100_000, roundTrip: 0.04)
    for second in 1...200 {
      for packet in 0..<atOnce {
        // The tail's time is left out, and so is that of waiting for packets before.
        link.send(
          400 + (second * 733 + packet * 977) % 2600, at: Double(second) + Double(packet) * 0.0005,
          tail: Double(second % 7) / 100)
      }
    }
    #expect(near(link.told.bytesPerSecond, 100_000) && near(link.told.roundTripMilliseconds, 40))
  }

  @Test func packetsOfOneSizeTellHowLongSuchOnesTake() {
    var link = SimulatedLink(bytesPerSecond: 50_000, roundTrip: 0.03)
    for second in 1...50 { link.send(1000, at: Double(second)) }
    #expect(near(link.told.bytesPerSecond, 20_000) && link.told.roundTripMilliseconds < 0.001)
  }

  @Test func aLinkThatGetsSlowerIsToldAsSuchAfterSomePackets() {
    var link = SimulatedLink(bytesPerSecond: 100_000, roundTrip: 0.05)
    for second in 1...50 { link.send(second % 2 == 0 ? 200 : 3000, at: Double(second)) }
    link.bytesPerSecond = 10_000
    for second in 51...150 { link.send(second % 2 == 0 ? 200 : 3000, at: Double(second)) }
    #expect(near(link.told.bytesPerSecond, 10_000) && near(link.told.roundTripMilliseconds, 50))
  }

  @Test(arguments: [(100_000.0, 5_000.0), (5_000, 100_000), (2_500_000, 62_500)])
  func aLinkThatIsSuddenlyAnotherIsToldAsSuchByTheNextPackets(before: Double, after: Double) {
    var link = SimulatedLink(bytesPerSecond: before, roundTrip: 0.02)
    for second in 1...50 { link.send(second % 2 == 0 ? 400 : 3000, at: Double(second)) }
    link.bytesPerSecond = after
    for second in 51...54 { link.send(second % 2 == 0 ? 2000 : 3000, at: Double(second)) }
    #expect(abs(link.told.bytesPerSecond - Float(after)) < 0.2 * Float(after))
    #expect(link.told.roundTripMilliseconds < 25)
  }

  @Test func oneLateAnswerDoesNotChangeMuch() {
    var link = SimulatedLink(bytesPerSecond: 100_000, roundTrip: 0.05)
    for second in 1...50 { link.send(second % 2 == 0 ? 200 : 3000, at: Double(second)) }
    hr_link_timing_note(&link.timing, 200, 51_000_000_000, 61_000_000_000, 0)
    #expect(link.told.bytesPerSecond > 70_000 && link.told.roundTripMilliseconds < 80)
  }

  @Test func aTailThatLiesAboutItsTimeDoesNotGoBackInTime() {
    var link = SimulatedLink(bytesPerSecond: 100_000, roundTrip: 0.05)
    for second in 1...50 { link.send(second * 50, at: Double(second), tailSays: UInt64.max / 2) }
    #expect(link.told.bytesPerSecond >= 0 && link.told.roundTripMilliseconds == 0)
  }

  @Test func pausesDoubleAndAreSpreadByUpToHalf() {
    var backoff = hr_backoff()
    hr_backoff_init(&backoff, 5000, 7)
    for expected in [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000] as [UInt64] {
      let pause = hr_backoff_pause(&backoff)
      #expect(pause <= expected * 1_000_000 && pause >= expected * 500_000)
    }
    backoff.failures = 0
    #expect(hr_backoff_pause(&backoff) <= 100_000_000)
  }
}
