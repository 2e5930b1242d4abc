import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// Levels, activity and delays, which a locator tells besides directions.
@Suite struct SoundFeaturesTests {
  private static let arithmetics = [HR_ARITHMETIC_FLOAT, HR_ARITHMETIC_FIXED]

  /// Sinusoids of amplitude a have the mean square a^2 / 2 each; 28 of 0.03 make -19 dB, in every microphone.
  @Test(arguments: arithmetics)
  func theLevelIsTheMeanSquareInDecibels(arithmetic: hr_arithmetic) throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.6)
    field.add(azimuth: 20, amplitude: 0.03)
    let ear = try Ear(field.array) { $0.arithmetic = arithmetic }.hear(field)
    let expected = 10 * log10(28 * 0.03 * 0.03 / 2)
    #expect(abs(Double(try #require(ear.locations.last).level_db) - expected) < 1)
  }

  @Test(arguments: arithmetics)
  func whatRisesAboveTheNoiseFloorIsActive(arithmetic: hr_arithmetic) throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 3)
    field.addNoise(0.002)
    field.add(azimuth: 100, amplitude: 0.01, during: 1..<1.6)
    let ear = try Ear(field.array) { $0.arithmetic = arithmetic }.hear(field)
    for location in ear.locations {
      let time = Double(location.sample) / 16_000
      switch time {
      case 0.3..<1: #expect(location.is_active == 0)
      case 1.15..<1.6: #expect(location.is_active == 1)
      case 2.3...: #expect(location.is_active == 0)
      default: break
      }
      // Evenly distributed noise of 0.002 has the mean square 0.002^2 / 3, of which 6.7 of 8 kHz count.
      if time > 0.5 {
        #expect(abs(Double(location.noise_db) - 10 * log10(0.002 * 0.002 / 3 * 6.7 / 8)) < 2.5)
      }
    }
  }

  @Test func silenceIsNotActive() throws {
    let array = try SoundField.named("uma-8")
    let last = try #require(Ear(array).hear(SoundField(array, seconds: 0.3)).locations.last)
    #expect(last.is_active == 0)
    #expect(last.level_db == -120)
  }

  /// Against geometry: sound from azimuth a reaches a microphone at p earlier by p (cos a, sin a) / 343 m/s.
  @Test(arguments: ["respeaker-4", "uma-8"], arithmetics)
  func delaysAreThoseOfThePlaneWave(name: String, arithmetic: hr_arithmetic) throws {
    var field = SoundField(try SoundField.named(name), seconds: 0.2)
    field.add(azimuth: 75)
    field.addNoise(0.001)
    let ear = try Ear(field.array) {
      $0.arithmetic = arithmetic
      $0.delays = 1
    }
    let last = try #require(ear.hear(field).locations.last)
    let (delays, places) = withUnsafeBytes(of: last.delays) { delays in
      withUnsafeBytes(of: field.array.positions) {
        (
          Array(delays.assumingMemoryBound(to: hr_delay.self)),
          Array($0.assumingMemoryBound(to: Float.self))
        )
      }
    }
    let direction = (cos(75 * Double.pi / 180), sin(75 * Double.pi / 180))
    func lead(_ microphone: Int) -> Double {
      (Double(places[3 * microphone]) * direction.0 + Double(places[3 * microphone + 1])
        * direction.1)
        / 343 * 1e6
    }
    for microphone in 1..<Int(field.array.microphone_count) {
      #expect(abs(Double(delays[microphone].microseconds) - (lead(0) - lead(microphone))) < 5)
      #expect(delays[microphone].agreement > 0.8)
    }
    #expect(delays[0].microseconds == 0)
  }

  @Test func delaysThatNobodyAskedForAreZero() throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.2)
    field.add(azimuth: 75)
    let last = try #require(Ear(field.array).hear(field).locations.last)
    withUnsafeBytes(of: last.delays) { bytes in #expect(bytes.allSatisfy { $0 == 0 }) }
  }

  @Test(arguments: arithmetics)
  func widebandMusicFindsAPlaneWave(arithmetic: hr_arithmetic) throws {
    var field = SoundField(try SoundField.named("uma-8"), seconds: 0.2)
    field.add(azimuth: 310)
    field.addNoise(0.001)
    let ear = try Ear(field.array) {
      $0.arithmetic = arithmetic
      $0.method = HR_LOCATE_WIDEBAND_MUSIC
      $0.azimuths = 120
    }
    let direction = try #require(ear.hear(field).directions.first)
    #expect(degreesBetween(direction.azimuth, 310) < 2)
  }
}
