import Foundation

/// Talkers and noise around an array in a room.
public struct Scene {
  public struct Talker {
    public var place: SIMD3<Double>
    /// What was said, the lead before the kept sound included.
    public var speech: [Float]
    /// Of the direct sound at one metre, beside the other talkers'.
    public var gain: Double
  }

  public var room: Room
  public var centre: SIMD3<Double>
  /// Around the centre: where microphones are, not where they are thought to be.
  public var microphones: [SIMD3<Double>]
  public var talkers: [Talker]
  public var reverberation: Double
  /// Speech over noise, in decibels, as powers of the microphones' mean.
  public var signalToNoise: Double
  /// Which part of the noise's power comes from all around, the rest being the sensors' own.
  public var diffuseShare: Double
  /// Of each microphone, as an amplitude.
  public var gains: [Double]

  static let rate = 16_000.0
  /// Sound before the kept piece, in which reverberation builds up: seconds.
  static let lead = 0.5

  /// What the microphones hear: [microphone][sample], of a power of one before gains.
  func render(_ random: inout RandomSource) -> [[Float]] {
    let lead = Int(Self.lead * Self.rate)
    let count = talkers[0].speech.count - lead
    let heard = microphones.map { $0 + centre }
    var sum = [[Float]](repeating: [Float](repeating: 0, count: count), count: microphones.count)
    for talker in talkers {
      // Sound that has fallen by 60 dB is not heard any more.
      let responses = RoomResponse.compute(
        room, source: talker.place, microphones: heard, rate: Self.rate, seconds: reverberation)
      let sounds = Convolution.apply(responses, to: talker.speech)
      for (index, sound) in sounds.enumerated() {
        for sample in 0..<count { sum[index][sample] += sound[lead + sample] * Float(talker.gain) }
      }
    }
    Self.scale(&sum, toPower: 1)
    addNoise(to: &sum, &random)
    for index in sum.indices {
      let gain = Float(gains[index])
      for sample in 0..<count { sum[index][sample] *= gain }
    }
    return sum
  }

  private func addNoise(to sum: inout [[Float]], _ random: inout RandomSource) {
    let power = pow(10, -signalToNoise / 10)
    let count = sum[0].count
    if diffuseShare > 0 {
      var noise = DiffuseNoise.render(microphones, count: count, rate: Self.rate, &random)
      Self.scale(&noise, toPower: power * diffuseShare)
      for index in sum.indices {
        for sample in 0..<count { sum[index][sample] += noise[index][sample] }
      }
    }
    let amplitude = sqrt(power * (1 - diffuseShare))
    for index in sum.indices {
      for sample in stride(from: 0, to: count, by: 2) {
        let (a, b) = random.normals()
        sum[index][sample] += Float(a * amplitude)
        if sample + 1 < count { sum[index][sample + 1] += Float(b * amplitude) }
      }
    }
  }

  private static func scale(_ sounds: inout [[Float]], toPower power: Double) {
    var energy = 0.0
    for sound in sounds { for value in sound { energy += Double(value) * Double(value) } }
    guard energy > 0 else { return }
    let factor = Float(sqrt(power * Double(sounds.count * sounds[0].count) / energy))
    for index in sounds.indices {
      for sample in sounds[index].indices { sounds[index][sample] *= factor }
    }
  }
}
