import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// Tracks of directions that are known, told as a locator does: every 64 ms, up to two degrees wrong, and as one
/// direction where two are nearer than 20 degrees.
private struct Stage {
  private var tracker = Tracker()
  private var random = ByteSource(seed: 3)
  static let period: Float = 0.064

  mutating func hear(_ azimuths: [Double]) -> [hr_track] {
    var peaks = Peaks()
    var told: [Double] = []
    for azimuth in azimuths.shuffledBy(&random) where told.allSatisfy({ abs($0 - azimuth) > 20 }) {
      told.append(azimuth)
      let wrong = azimuth + Double(random.bytes(1)[0]) / 64 - 2
      let vector = Vector3(azimuth: Float(wrong), elevation: 0)
      peaks.add(
        hr_direction(
          azimuth: Float(wrong), elevation: 0, x: vector.x, y: vector.y, z: vector.z, energy: 0.8))
    }
    tracker.update(peaks, elapsed: Self.period)
    var location = hr_location()
    tracker.fill(&location)
    return Ear.tracks(location)
  }
}

extension Array {
  /// In this order or the other.
  fileprivate func shuffledBy(_ random: inout ByteSource) -> [Element] {
    random.bytes(1)[0] & 1 == 0 ? self : reversed()
  }
}

@Suite struct TrackerTests {
  private func id(_ tracks: [hr_track], near azimuth: Double) -> UInt32? {
    tracks.first { degreesBetween($0.direction.azimuth, azimuth) < 12 }?.id
  }

  /// Of two who walk past one another, at 20 to 60 degrees a second.
  @Test(arguments: [10.0, 20, 30])
  func numbersAreKeptWhereTalkersCross(speed: Double) throws {
    var stage = Stage()
    var begun: (UInt32?, UInt32?) = (nil, nil)
    var tracks: [hr_track] = []
    let half = 60 / speed
    for step in 0..<Int(2 * half / 0.064) {
      let time = Double(step) * 0.064
      let places = [60 + speed * time, 180 - speed * time]
      tracks = stage.hear(places)
      if abs(time - half * 0.4) < 0.033 {
        begun = (id(tracks, near: places[0]), id(tracks, near: places[1]))
      }
    }
    #expect(tracks.count == 2)
    #expect(try #require(begun.0) != #require(begun.1))
    #expect(id(tracks, near: 180) == begun.0)
    #expect(id(tracks, near: 60) == begun.1)
  }

  @Test func aTalkerWhoStandsStillDoesNotDriftInAPause() throws {
    var stage = Stage()
    for _ in 0..<60 { _ = stage.hear([300]) }
    var tracks: [hr_track] = []
    for _ in 0..<30 { tracks = stage.hear([]) }
    #expect(degreesBetween(try #require(tracks.first).direction.azimuth, 300) < 3)
    #expect(id(stage.hear([300]), near: 300) == 1)
  }

  @Test func aWalkerWhoPausesForHalfASecondIsTheSame() throws {
    var stage = Stage()
    var tracks: [hr_track] = []
    for step in 0..<94 {
      let time = Double(step) * 0.064
      tracks = stage.hear((3..<3.5).contains(time) ? [] : [20 * time + 200])
    }
    #expect(tracks.map(\.id) == [1])
    #expect(degreesBetween(tracks[0].direction.azimuth, 200 + 20 * 93 * 0.064) < 8)
  }

  /// The prediction does not make a still talker's direction worse than what is heard.
  @Test func aTrackIsSteadierThanWhatIsHeard() {
    var stage = Stage()
    var errors: [Double] = []
    for step in 0..<200 {
      let tracks = stage.hear([45])
      if step > 20 { errors.append(degreesBetween(tracks.first?.direction.azimuth ?? 225, 45)) }
    }
    // Even errors of up to two degrees are 1.15 in the square mean.
    let square = errors.map { $0 * $0 }.reduce(0, +) / Double(errors.count)
    #expect(square.squareRoot() < 1)
  }
}
