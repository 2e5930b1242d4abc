import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// The locator in fixed point. What is asked of floating point is asked of it, and that both agree.
@Suite struct FixedLocatorTests {
  private static let methods = [HR_LOCATE_MUSIC, HR_LOCATE_SRP_PHAT]

  private func directions(
    of field: SoundField, _ arithmetic: hr_arithmetic, _ method: hr_locate_method
  ) throws -> [hr_direction] {
    let ear = try Ear(field.array) {
      $0.arithmetic = arithmetic
      $0.method = method
      $0.azimuths = 120
    }
    return ear.hear(field).directions
  }

  @Test(arguments: ["respeaker-4", "respeaker-6", "uma-8"], methods)
  func aPlaneWaveIsFoundWhereItComesFrom(name: String, method: hr_locate_method) throws {
    var field = SoundField(try SoundField.named(name), seconds: 0.2)
    field.add(azimuth: 121.7)
    field.addNoise(0.001)
    let fixed = try #require(try directions(of: field, HR_ARITHMETIC_FIXED, method).first)
    let float = try #require(try directions(of: field, HR_ARITHMETIC_FLOAT, method).first)
    #expect(degreesBetween(fixed.azimuth, 121.7) < 1.5)
    #expect(degreesBetween(fixed.azimuth, Double(float.azimuth)) < 0.2)
    #expect(abs(fixed.energy - float.energy) < 0.02)
  }

  /// 90 dB apart: a talker whom 16 bits hardly hold, and one whom they hardly hold.
  @Test(arguments: [0.00003, 0.03])
  func loudnessDoesNotMatter(amplitude: Double) throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.2)
    field.add(azimuth: 250, amplitude: amplitude)
    let direction = try #require(
      try directions(of: field, HR_ARITHMETIC_FIXED, HR_LOCATE_MUSIC).first)
    #expect(degreesBetween(direction.azimuth, 250) < 2)
    #expect(direction.energy > 0.5)
  }

  @Test func clippedSoundIsNoTrap() throws {
    var field = SoundField(try SoundField.named("uma-8"), seconds: 0.2)
    field.add(azimuth: 30, amplitude: 4)
    for method in Self.methods {
      _ = try directions(of: field, HR_ARITHMETIC_FIXED, method)
    }
    let ear = try Ear(field.array) { $0.arithmetic = HR_ARITHMETIC_FIXED }
    let samples = (0..<8 * 4096).map { $0 % 16 < 8 ? Float(-1) : Float(3e7) }
    #expect(ear.process(samples, frames: 4096).0 == HR_OK)
  }

  @Test func neitherSilenceNorTheSensorsNoiseIsASource() throws {
    let array = try SoundField.named("respeaker-4")
    func listen(_ field: SoundField) throws -> Ear {
      try Ear(array) { $0.arithmetic = HR_ARITHMETIC_FIXED }.hear(field)
    }
    #expect(try listen(SoundField(array, seconds: 0.5)).directions.isEmpty)
    var noise = SoundField(array, seconds: 1)
    noise.addNoise(0.05)
    let ear = try listen(noise)
    #expect(ear.locations.allSatisfy { $0.track_count == 0 })
    #expect(ear.locations.flatMap(Ear.directions).allSatisfy { $0.energy < 0.35 })
  }

  /// In perfect silence, whose spectra have no phases.
  @Test(arguments: [HR_ARITHMETIC_FLOAT, HR_ARITHMETIC_FIXED])
  func aTalkerWhoStopsIsForgotten(arithmetic: hr_arithmetic) throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 5.5)
    field.add(azimuth: 90, during: 0..<0.8)
    let ear = try Ear(field.array) { $0.arithmetic = arithmetic }.hear(field)
    #expect(ear.locations.contains { !Ear.tracks($0).isEmpty })
    #expect(ear.directions.isEmpty)
    #expect(ear.tracks.isEmpty)
  }

  /// Hours of votes that do not fade must not overflow: here by a sum that starts near its end.
  @Test func votesThatAddUpForeverKeepTheirDirection() throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 4)
    field.add(azimuth: 300)
    let ear = try Ear(field.array) {
      $0.arithmetic = HR_ARITHMETIC_FIXED
      $0.window_ms = 0
    }
    // 16,384 votes of a frame's 108 bins fill the sum after 150 frames.
    #expect(degreesBetween(try #require(ear.hear(field).directions.first).azimuth, 300) < 3)
  }
}

/// A covariance of known frames, against what its definition says.
@Suite struct CovarianceTests {
  private func directness<Scalar: LocatorScalar>(
    _ frames: [[(Double, Double)]], scale: Double, _ type: Scalar.Type
  ) -> (Double, [(Double, Double)]) {
    let memory = AlignedBytes(
      count: max(SpatialCovariance.byteCount(4), FixedCovariance.byteCount(4)))
    let covariance = Scalar.Covariance(4, in: memory.base)
    covariance.begin()
    var direct = Scalar.zero
    for frame in frames {
      let values = frame.map {
        Complex<Scalar>(
          re: .fraction(Int32($0.0 * scale * 0x1p31)), im: .fraction(Int32($0.1 * scale * 0x1p31)))
      }
      covariance.add(values, step: 1, raisedBy: 0, newest: Scalar(factor: 0.4))
      direct = covariance.directness()
    }
    func double(_ value: Scalar, _ one: Double) -> Double {
      (value as? Float).map(Double.init) ?? Double((value as! Q31).bits) / one
    }
    let vector = (0..<4).map {
      (double(covariance.vector[$0].re, 0x1p30), double(covariance.vector[$0].im, 0x1p30))
    }
    return (double(direct, 0x1p31), vector)
  }

  private static let source = [(0.5, 0.0), (0.3, 0.4), (-0.5, 0.0), (0.0, -0.5)]

  /// One source: rank one, and the vector is the source's, but for a common phase.
  @Test(arguments: [0.9, 0.001, 0.00002])
  func aSingleSourceExplainsEverything(scale: Double) throws {
    let frames = Array(repeating: Self.source, count: 6)
    for (direct, vector) in [
      directness(frames, scale: scale, Float.self),
      directness(frames, scale: scale, Q31.self),
    ] {
      #expect(abs(direct - 1) < 0.002)
      var (re, im) = (0.0, 0.0)
      for (a, b) in zip(vector, Self.source) {
        re += a.0 * b.0 + a.1 * b.1
        im += a.1 * b.0 - a.0 * b.1
      }
      #expect(abs(re * re + im * im - 1) < 0.002)
    }
  }

  /// Two sources in turns, the louder last: newest frames weigh 0.4, and each older one 0.6 of the next, so that
  /// of alternate frames 1 / 1.6 and 0.6 / 1.6 of the weight belong to each. The matrix has the eigenvalues of the
  /// two by two products of the weighed sources.
  @Test func theLouderSourceExplainsItsShareOfThePower() throws {
    let louder = [(0.6, 0.0), (0.6, 0.0), (0.6, 0.0), (0.5, 0.0)]
    let softer = [(0.0, 0.18), (0.0, -0.18), (0.0, 0.18), (0.0, -0.18)]
    let frames = (0..<20).map { $0 % 2 == 0 ? softer : louder }
    let loud = 1 / 1.6 * (3 * 0.6 * 0.6 + 0.5 * 0.5)
    let soft = 0.6 / 1.6 * 4 * 0.18 * 0.18
    let common = (1 / 1.6 * 0.6 / 1.6).squareRoot() * 0.18 * (0.6 - 0.5)
    let half = ((loud - soft) / 2 * ((loud - soft) / 2) + common * common).squareRoot()
    let expected = (((loud + soft) / 2 + half) / (loud + soft) - 0.25) / 0.75
    for direct in [
      directness(frames, scale: 1, Float.self).0, directness(frames, scale: 1, Q31.self).0,
    ] { #expect(abs(direct - expected) < 0.002) }
  }

  @Test func bothArithmeticsAgree() throws {
    var random = ByteSource(seed: 5)
    func number() -> Double { Double(random.bytes(1)[0]) / 256 - 0.5 }
    for _ in 0..<50 {
      let frames = (0..<5).map { _ in (0..<4).map { _ in (number(), number()) } }
      let float = directness(frames, scale: 0.3, Float.self).0
      let fixed = directness(frames, scale: 0.3, Q31.self).0
      #expect(abs(float - fixed) < 1e-4)
    }
  }
}
