import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// The locator with networks that read samples (Sources/Models/beamlearning).
@Suite struct SampleLocatorTests {
  /// A network and its judge.
  private struct Sessions {
    let samples: ShippedNetwork
    let judge: ShippedNetwork

    init(_ name: String = "circle-4") throws {
      samples = try ShippedNetwork("beamlearning/\(name).hrm")
      judge = try ShippedNetwork("beamlearning/\(name).judge.hrm")
    }

    func configure(_ config: inout hr_locator_config) {
      config.method = HR_LOCATE_SAMPLES
      config.samples = samples.session
      config.judge = judge.session
    }
  }

  private func ear(
    _ array: hr_array, _ sessions: Sessions,
    _ configure: (inout hr_locator_config) -> Void = { _ in }
  ) throws -> Ear {
    try Ear(array) {
      sessions.configure(&$0)
      configure(&$0)
    }
  }

  private func talker(_ array: hr_array, _ azimuth: Double, seconds: Double = 0.1) -> SoundField {
    var field = SoundField(array, seconds: seconds)
    field.add(azimuth: azimuth)
    field.addNoise(0.002)
    return field
  }

  /// At 16 and at 48 kHz, and an array whose microphones are a little nearer and in another order.
  @Test(arguments: [
    ("circle-4", "respeaker-4"), ("circle-7", "uma-8"), ("circle-4", "respeaker-usb"),
  ])
  func aTalkerIsFoundWithArraysLikeThatOfTheNetwork(_ network: String, _ name: String) throws {
    let sessions = try Sessions(network)
    let field = talker(try SoundField.named(name), 312)
    let best = try #require(try ear(field.array, sessions).hear(field).directions.first)
    #expect(degreesBetween(best.azimuth, 312) < 6)
    #expect(best.elevation == 0 && best.energy > 0.3)
  }

  @Test func inFixedArithmeticTheSameTalkerIsFound() throws {
    let sessions = try Sessions()
    let field = talker(try SoundField.named("respeaker-4"), 107)
    let ear = try ear(field.array, sessions) { $0.arithmetic = HR_ARITHMETIC_FIXED }
    let best = try #require(ear.hear(field).directions.first)
    #expect(degreesBetween(best.azimuth, 107) < 6)
  }

  @Test func silenceIsNoTalker() throws {
    let sessions = try Sessions()
    let field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.14)
    let ear = try ear(field.array, sessions).hear(field)
    #expect(ear.locations.count == 2 && ear.directions.isEmpty)
  }

  @Test func whatIsNoNumberIsRefusedAndSoundGoesOn() throws {
    let sessions = try Sessions()
    let field = talker(try SoundField.named("respeaker-4"), 25)
    let ear = try ear(field.array, sessions)
    for value in [Float.nan, .infinity] {
      let (status, message) = ear.process([0, value, 0, 0], frames: 1)
      #expect(status == HR_INVALID_ARGUMENT && message.contains("not a number"))
    }
    let best = try #require(ear.hear(field).directions.first)
    #expect(degreesBetween(best.azimuth, 25) < 6)
  }

  @Test func sessionsThatAreOfSomethingElseAreRefused() throws {
    let (sessions, seven) = (try Sessions(), try Sessions("circle-7"))
    let tail = try ShippedNetwork("bottlefit/tail.hrm")
    let array = try SoundField.named("respeaker-4")
    func refusal(_ configure: (inout hr_locator_config) -> Void) -> String {
      let refused = #expect(throws: RefusedModel.self) {
        _ = try ear(array, sessions, configure)
      }
      #expect(refused?.status == HR_INVALID_ARGUMENT)
      return refused?.message ?? ""
    }
    #expect(refusal { $0.judge = tail.session }.contains("NAME.judge.hrm"))
    #expect(refusal { $0.judge = nil }.contains("is no session"))
    #expect(refusal { $0.judge = seven.judge.session }.contains("another network's"))
    #expect(refusal { $0.samples = nil }.contains("is no session"))
    #expect(refusal { $0.samples = tail.session }.contains("reads no frames of samples"))
    #expect(refusal { $0.judge = sessions.samples.session }.contains("judge"))
    #expect(
      refusal { $0.samples = seven.samples.session }.contains("another number of microphones"))
  }

  @Test func arraysThatDoNotFitTheNetworkAreRefused() throws {
    let sessions = try Sessions()
    func refusal(_ change: (inout hr_array) -> Void) throws -> String {
      var array = try SoundField.named("respeaker-4")
      change(&array)
      let refused = #expect(throws: RefusedModel.self) { _ = try ear(array, sessions) }
      #expect(refused?.status == HR_INVALID_ARGUMENT)
      return refused?.message ?? ""
    }
    #expect(try refusal { $0.sample_rate = 44_100 }.contains("no multiple of the network's 16 kHz"))
    #expect(try refusal { $0.microphone_count = 3 }.contains("another number of microphones"))
    #expect(try refusal { $0.positions.1.0 = 0.01 }.contains("do not stand where"))
    #expect(try refusal { $0.positions.1.2 = 0.01 }.contains("do not stand where"))
    let double = try refusal {
      $0.positions.0.0 *= 2
      $0.positions.1.1 *= 2
      $0.positions.2.0 *= 2
      $0.positions.3.1 *= 2
    }
    #expect(double.contains("or the method network"))
  }

  /// Hiss of microphones whose constants differ, as those of cheap cards do, and mains hum that each hears at another
  /// moment: neither is a talker, and neither hides a quiet one.
  @Test func whatLiesBelowSpeechIsNoTalkerAndHidesNone() throws {
    let sessions = try Sessions()
    let array = try SoundField.named("respeaker-4")
    func heard(_ field: SoundField) throws -> [hr_direction] {
      let ear = try ear(array, sessions)
      let samples = field.samples.enumerated().map { index, value in
        let (channel, time) = (index % 4, Double(index / 4) / Double(array.sample_rate))
        let hum = 0.003 * sin(2 * Double.pi * (50 * time + 0.3 * Double(channel)))
        return Float(value + [0.01, -0.004, 0.002, -0.01][channel] + hum)
      }
      let (status, message) = ear.process(samples, frames: field.frames)
      #expect(status == HR_OK, "\(message)")
      return ear.directions
    }
    var field = SoundField(array, seconds: 1)
    field.addNoise(0.0003)
    #expect(try heard(field).allSatisfy { $0.energy < 0.3 })
    field.add(azimuth: 107, amplitude: 0.002)
    let best = try #require(try heard(field).first)
    #expect(degreesBetween(best.azimuth, 107) < 6 && best.energy > 0.5)
  }

  @Test func burstsOfHissThatEachMicrophoneHearsForItselfAreNoTalker() throws {
    let array = try SoundField.named("respeaker-4")
    var (quiet, loud) = (SoundField(array, seconds: 1), SoundField(array, seconds: 1))
    quiet.addNoise(0.0005)
    loud.addNoise(0.2)
    let samples = zip(quiet.samples, loud.samples).enumerated().map { index, values in
      Float(index / 6400 % 3 == 1 ? values.1 : values.0)
    }
    let sessions = try Sessions()
    let ear = try ear(array, sessions)
    let (status, message) = ear.process(samples, frames: quiet.frames)
    #expect(status == HR_OK, "\(message)")
    #expect(!ear.locations.isEmpty && ear.directions.isEmpty)
  }

  /// Noise of one supply, or crosstalk, as loud as what each microphone hears for itself, or 20 dB louder.
  @Test(arguments: [0.2, 0.02])
  func whatAllMicrophonesHearAtOnceIsNoTalker(_ own: Double) throws {
    let array = try SoundField.named("respeaker-4")
    var (apart, common) = (SoundField(array, seconds: 1), SoundField(array, seconds: 1))
    apart.addNoise(own)
    common.addNoise(0.2)
    // Both fields' noise is the same: half a second apart it is not.
    let half = common.samples.count / 2
    let samples = apart.samples.indices.map {
      Float(apart.samples[$0] + common.samples[($0 / 4 * 4 + half) % common.samples.count])
    }
    let sessions = try Sessions()
    let ear = try ear(array, sessions)
    let (status, message) = ear.process(samples, frames: apart.frames)
    #expect(status == HR_OK, "\(message)")
    #expect(!ear.locations.isEmpty && ear.directions.allSatisfy { $0.energy < 0.2 })
  }

  /// A Butterworth filter of the fourth order at 150 Hz, by its poles: each section is as steep as its Q has it (Zverev,
  /// Handbook of Filter Synthesis, 1967), turned from the plane of s to that of z.
  private func withoutLowFrequencies(_ samples: [Double]) -> [Double] {
    let corner = tan(Double.pi * 150 / 16_000)
    return [3.0, 1.0].reduce(samples) { samples, odd in
      let damping = 2 * cos(odd * Double.pi / 8)
      let scale = 1 / (1 + damping * corner + corner * corner)
      var (x1, x2, y1, y2) = (samples[0], samples[0], 0.0, 0.0)
      return samples.map { x in
        let y =
          scale
          * (x - 2 * x1 + x2 - 2 * (corner * corner - 1) * y1
            - (1 - damping * corner + corner * corner) * y2)
        (x1, x2, y1, y2) = (x, x1, y, y1)
        return y
      }
    }
  }

  /// The average as its definition has it, in Double, of features that the network makes of each frame by itself.
  @Test func louderFramesCountForMoreInTheAverage() throws {
    let sessions = try Sessions()
    var array = try SoundField.named("respeaker-4")
    let microphones = try MicrophoneArray(&array)
    let network = try SampleNetwork(
      sessions.samples.session, sessions.judge.session, microphones, isFixed: true)
    // As its card has it.
    #expect(abs(network.loudness - 0.491) < 0.001)
    let memory = AlignedBytes(count: SampleAverage.byteCount(network, microphones))
    var average = SampleAverage(
      network, microphones, windowMilliseconds: 100, in: memory.base)
    var field = SoundField(array, seconds: 0.096)
    field.add(azimuth: 70, amplitude: 0.01)
    field.add(azimuth: 200, amplitude: 0.05, during: 0.07..<0.096)
    field.addNoise(0.001)
    let samples = field.samples.map { Float($0) }
    try samples.withUnsafeBufferPointer {
      let sound = try AudioSamples($0.baseAddress!, HR_F32)
      for first in 0..<field.frames { try average.take(sound, from: 4 * first, microphones) }
    }
    var sums = [Double](repeating: 0, count: network.features)
    var weight = 0.0
    let heard = (0..<4).map { channel in
      withoutLowFrequencies((0..<field.frames).map { Double(samples[4 * $0 + channel]) })
    }
    for first in stride(from: 0, through: field.frames - 1024, by: 512) {
      let frame = heard.flatMap { $0[first..<first + 1024] }
      let strength = (frame.reduce(0) { $0 + $1 * $1 } / 4096).squareRoot()
      var features = [Float](repeating: 0, count: network.features)
      try network.read(frame.map { Float($0 / strength) }, to: &features)
      let newest = exp(Double(network.loudness) * log(strength))
      // 32 ms of 100.
      let fade = exp(-0.32)
      sums = zip(sums, features).map { $0 * fade + newest * Double($1) }
      weight = weight * fade + newest
    }
    var logits = [Float](repeating: 0, count: 72)
    try network.judge(sums.map { Float($0 / weight) }, to: &logits)
    let whole = logits.reduce(0) { $0 + exp(Double($1)) }
    var values = [Float](repeating: 0, count: AzimuthDistribution.count)
    try values.withUnsafeMutableBufferPointer {
      let distribution = AzimuthDistribution(in: $0.baseAddress!)
      let isJudged = try average.judge(to: distribution)
      #expect(isJudged)
    }
    for (index, logit) in logits.enumerated() {
      let expected = log(exp(Double(logit)) / whole + 0.001)
      #expect(abs(Double(values[5 * index]) - expected) < 0.02)
    }
  }
}

@Suite struct AzimuthDistributionTests {
  private func median(
    _ values: [Double], around center: Int = 0, reach: Int = 180
  ) -> (degree: Int, fraction: Float) {
    var values = values.map { Float($0) }
    return values.withUnsafeMutableBufferPointer { buffer in
      let saved = Array(buffer)
      let distribution = AzimuthDistribution(in: buffer.baseAddress!)
      for index in saved.indices { buffer[index] = saved[index] }
      return distribution.median(around: center, reach: reach)
    }
  }

  private func distance(_ a: Double, _ b: Double) -> Double {
    let turn = abs(a - b).truncatingRemainder(dividingBy: 360)
    return min(turn, 360 - turn)
  }

  @Test(arguments: [0.0, 0.3, 123.4, 180, 359.8])
  func theMiddleOfABellIsFoundToTheTenthOfADegree(_ azimuth: Double) {
    let bell = (0..<360).map { exp(-0.5 * pow(distance(Double($0), azimuth) / 5, 2)) }
    let found = median(bell)
    #expect(distance(Double(found.degree) + Double(found.fraction), azimuth) < 0.1)
  }

  @Test(arguments: 1...8)
  func noDirectionHasALesserExpectedDistance(_ seed: UInt64) {
    var random = ByteSource(seed: seed)
    let values = random.bytes(360).map { pow(Double($0) / 255, 4) }
    let expected = (0..<360).map { here in
      (0..<360).reduce(0) { $0 + values[$1] * distance(Double($1), Double(here)) }
    }
    let found = median(values).degree
    #expect(expected[found] - expected.min()! < 1e-3)
  }

  /// Bells at 0 and 100 degrees, and a little between them, where the expected distance is least.
  @Test func whereNothingStandsOutBetweenTwoPeaksOneOfThemIsTold() {
    var values = (0..<360).map { degree in
      Float(
        exp(-0.5 * pow(distance(Double(degree), 0) / 3, 2))
          + exp(-0.5 * pow(distance(Double(degree), 100) / 3, 2)))
    }
    values[50] = 0.5
    let sum = values.reduce(0, +)
    for index in values.indices { values[index] /= sum }
    #expect(median(values.map { Double($0) }).degree == 50)
    let peaks = values.withUnsafeMutableBufferPointer { buffer in
      let saved = Array(buffer)
      let distribution = AzimuthDistribution(in: buffer.baseAddress!)
      for index in saved.indices { buffer[index] = saved[index] }
      return Peaks(distribution, presence: 1, agreement: 1, most: 1, ofLittle: true)
    }
    #expect(peaks.count == 1)
    #expect(min(distance(Double(peaks[0].azimuth), 0), distance(Double(peaks[0].azimuth), 100)) < 1)
    // Half of all lies there.
    #expect(peaks[0].energy > 0.4 && peaks[0].energy < 0.5)
  }

  /// As in noise from all around, in which networks find talkers.
  @Test func whatVotesDoNotAgreeOnIsToldWithLessEnergy() {
    func energy(_ agreement: Float) -> Float {
      var values = [Float](repeating: 0, count: AzimuthDistribution.count)
      return values.withUnsafeMutableBufferPointer { buffer in
        let distribution = AzimuthDistribution(in: buffer.baseAddress!)
        buffer[120] = 1
        return Peaks(distribution, presence: 1, agreement: agreement, most: 2, ofLittle: false)[0]
          .energy
      }
    }
    #expect(abs(energy(1) - 1) < 1e-6 && energy(0.15) == energy(1))
    #expect(abs(energy(0.075) - 0.5) < 1e-6)
    #expect(abs(energy(0) - 0.2) < 1e-6)
  }

  @Test func whatIsFartherThanTheReachDoesNotCount() {
    var values = [Double](repeating: 0, count: 360)
    (values[2], values[355], values[40]) = (1, 1.5, 9)
    #expect(median(values, around: 359, reach: 10).degree == 355)
  }
}

@Suite struct DecimatorTests {
  /// The greatest value of a tone of amplitude 1 at a third of 48 kHz, once the filter is filled.
  private func amplitude(_ hertz: Double) -> Float {
    let memory = AlignedBytes(count: Decimator.byteCount(factor: 3, microphones: 1))
    memory.base.initializeMemory(as: UInt8.self, repeating: 0, count: memory.count)
    var decimator = Decimator(factor: 3, in: memory.base)
    var greatest: Float = 0
    for index in 0..<4800 {
      decimator.push(Float(sin(2 * .pi * hertz * Double(index) / 48_000)), microphone: 0)
      if decimator.advance(), index > 200 {
        greatest = max(greatest, abs(decimator.value(microphone: 0)))
      }
    }
    return greatest
  }

  @Test(arguments: [300.0, 3100, 6700])
  func whatTheNetworkHearsPasses(_ hertz: Double) {
    #expect(abs(amplitude(hertz) - 1) < 0.02)
  }

  @Test(arguments: [9300.0, 15_100, 21_000])
  func whatWouldBeHeardAsAnotherFrequencyDoesNot(_ hertz: Double) {
    #expect(amplitude(hertz) < 0.005)
  }
}
