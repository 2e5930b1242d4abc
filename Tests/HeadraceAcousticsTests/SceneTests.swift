import Foundation
import Testing

@testable import HeadraceAcoustics

struct SceneTests {
  private static let array = [SIMD3(-0.04, 0, 0), SIMD3(0, 0.04, 0), SIMD3(0.04, 0, 0)]

  /// Noise in place of speech: something is said all the time.
  private static let speech: [[Float]] = {
    var random = RandomSource(seed: 3)
    return [(0..<40_000).map { _ in Float(random.normals().0) }]
  }()

  /// Of scenes that are simulated fast.
  private static let sampler = {
    var sampler = SceneSampler(microphones: array)
    sampler.seconds = 0.5
    sampler.reverberation = 0.2...0.25
    return sampler
  }()

  @Test func seedAndIndexRepeatAScene() throws {
    let sampler = Self.sampler
    let first = try sampler.scene(4, seed: 9, speech: Self.speech)
    let again = try sampler.scene(4, seed: 9, speech: Self.speech)
    #expect(first.sound == again.sound)
    let other = try sampler.scene(5, seed: 9, speech: Self.speech)
    #expect(first.sound != other.sound)
  }

  @Test func talkersAreWhereTheTruthSays() throws {
    var sampler = Self.sampler
    sampler.talkers = 2...2
    for index in 0..<5 {
      let (scene, truth, _) = try sampler.scene(index, seed: 1, speech: Self.speech)
      #expect(truth.talkers.count == 2)
      for (talker, said) in zip(scene.talkers, truth.talkers) {
        let offset = talker.place - scene.centre
        #expect(abs(cos(said.azimuth * .pi / 180) - offset.x / hypot(offset.x, offset.y)) < 1e-9)
        #expect(abs(sin(said.elevation * .pi / 180) * said.distance - offset.z) < 1e-9)
        #expect(all(talker.place .> SIMD3(repeating: 0)) && all(talker.place .< scene.room.size))
      }
    }
  }

  @Test func scenesThatCannotBeAreRefused() {
    var far = Self.sampler
    far.talkers = 8...8
    far.distance = 7.9...8
    #expect(throws: SceneProblem.noRoomIsLargeEnough) {
      try far.scene(0, seed: 1, speech: Self.speech)
    }
    let silence = [[Float](repeating: 0, count: 20_000)]
    #expect(throws: SceneProblem.speechPauses) {
      try Self.sampler.scene(0, seed: 1, speech: silence)
    }
  }

  @Test func aLongSceneJoinsSentences() throws {
    var long = Self.sampler
    long.seconds = 4
    let short = Self.speech.map { Array($0[..<17_000]) }
    #expect(try long.scene(0, seed: 1, speech: short).sound.allSatisfy { $0.count == 64_000 })
  }

  @Test func noiseIsAsStrongAsAsked() throws {
    var quiet = Self.sampler
    quiet.signalToNoise = 60...60
    var loud = quiet
    loud.signalToNoise = 0...0
    let clean = try quiet.scene(0, seed: 2, speech: Self.speech).sound
    let noisy = try loud.scene(0, seed: 2, speech: Self.speech).sound
    var power = 0.0
    for (a, b) in zip(clean.joined(), noisy.joined()) { power += Double((a - b) * (a - b)) }
    // The sound itself has a power of one.
    #expect(abs(power / Double(clean.joined().count) - 1) < 0.05)
  }

  @Test func diffuseNoiseIsAsAlikeAsTheorySays() {
    let apart = 0.1
    var random = RandomSource(seed: 8)
    var (sum, powers) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
    // Octaves around 500, 1,000 and 4,000 Hz, of a coherence of sin(x) / x where x is the wave number times
    // the distance (Cook et al., JASA 27, 1955).
    let frequencies = [500.0, 1000, 4000]
    for _ in 0..<40 {
      let noise = DiffuseNoise.render(
        [SIMD3(0, 0, 0), SIMD3(apart, 0, 0)], count: 4096, rate: 16_000, &random)
      let fourier = Fourier(atLeast: 4096)
      var spectra = noise.map { $0.map { Fourier.Value($0, 0) } }
      for index in 0..<2 { fourier.transform(&spectra[index]) }
      for (index, frequency) in frequencies.enumerated() {
        let middle = Int(frequency / 16_000 * 4096)
        for bin in middle - 12...middle + 12 {
          let (a, b) = (spectra[0][bin], spectra[1][bin])
          sum[index] += Double((a * b).sum())
          powers[index] += Double(((a * a).sum() * (b * b).sum()).squareRoot())
        }
      }
    }
    for (index, frequency) in frequencies.enumerated() {
      let x = 2 * Double.pi * frequency * apart / 343
      // The mean of products of magnitudes is a little below the mean power.
      let coherence = sum[index] / powers[index]
      #expect(abs(coherence - sin(x) / x) < 0.12)
    }
  }

  @Test func soundTurnsRoundWithoutLossInTheSpectrum() {
    let fourier = Fourier(atLeast: 100)
    #expect(fourier.length == 128)
    var random = RandomSource(seed: 4)
    let values = (0..<128).map { _ in Fourier.Value(Float(random.unit()), Float(random.unit())) }
    var turned = values
    fourier.transform(&turned)
    // The definition, at one bin.
    var expected = SIMD2<Double>.zero
    for (index, value) in values.enumerated() {
      let angle = -2 * Double.pi * 5 * Double(index) / 128
      expected += SIMD2(
        Double(value.x) * cos(angle) - Double(value.y) * sin(angle),
        Double(value.x) * sin(angle) + Double(value.y) * cos(angle))
    }
    #expect(abs(Double(turned[5].x) - expected.x) < 1e-4)
    #expect(abs(Double(turned[5].y) - expected.y) < 1e-4)
    fourier.invert(&turned)
    #expect(zip(values, turned).allSatisfy { abs($0.x - $1.x) < 1e-5 && abs($0.y - $1.y) < 1e-5 })
  }
}
