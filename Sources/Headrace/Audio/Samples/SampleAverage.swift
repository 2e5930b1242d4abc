import CHeadrace

/// Features of the frames of a window, averaged: louder frames count for more, older ones for less.
struct SampleAverage {
  let network: SampleNetwork
  /// [microphone][length], at the network's rate.
  private let frame: UnsafeMutablePointer<Float>
  /// The same as the network reads it.
  private let input: UnsafeMutablePointer<Float>
  private let features: UnsafeMutablePointer<Float>
  /// Features times weights, of all frames that count.
  private let sums: UnsafeMutablePointer<Float>
  private let logits: UnsafeMutablePointer<Float>
  private var decimator: Decimator
  /// Samples from one frame to the next, and those of the next that have come.
  private let hop: Int
  private var filled = 0
  /// How much sums keep from frame to frame.
  private let fade: Float
  private var weight: Float = 0
  private var frames: (all: Float, heard: Float) = (0, 0)

  /// -120 dB: less is silence.
  private static var leastStrength: Float { 1e-6 }
  /// Keeps a direction that seems impossible from being ruled out.
  private static var leastProbability: Float { 0.001 }

  /// 0 ... 1: how many of the frames that count were no silence.
  var presence: Float { frames.all > 0 ? frames.heard / frames.all : 0 }

  static func byteCount(_ network: SampleNetwork, _ array: MicrophoneArray) -> Int {
    let samples = network.microphones * network.length
    return 4 * (2 * samples + 2 * network.features + network.directions)
      + Decimator.byteCount(
        factor: array.sampleRate / SampleNetwork.rate, microphones: network.microphones)
  }

  init(
    _ network: SampleNetwork, _ array: MicrophoneArray, windowMilliseconds: Int,
    in memory: UnsafeMutableRawPointer
  ) {
    self.network = network
    let count = network.microphones * network.length
    frame = memory.assumingMemoryBound(to: Float.self)
    input = frame + count
    features = input + count
    sums = features + network.features
    logits = sums + network.features
    decimator = Decimator(
      factor: array.sampleRate / SampleNetwork.rate,
      in: UnsafeMutableRawPointer(logits + network.directions))
    hop = network.length / 2
    let milliseconds = Float(hop * 1000) / Float(SampleNetwork.rate)
    fade =
      windowMilliseconds == 0 ? 1 : Elementary.exp(-milliseconds / Float(windowMilliseconds))
  }

  /// Takes in a sample of every channel.
  mutating func take(
    _ samples: AudioSamples, from first: Int, _ array: MicrophoneArray
  ) throws(Failure) {
    for microphone in 0..<network.microphones {
      let channel = array.channel(Int(network.order[microphone]))
      decimator.push(samples.float(first &+ channel), microphone: microphone)
    }
    guard decimator.advance() else { return }
    for microphone in 0..<network.microphones {
      frame[microphone &* network.length &+ filled] = decimator.value(microphone: microphone)
    }
    filled &+= 1
    guard filled == network.length else { return }
    try hear()
    filled &-= hop
    for microphone in 0..<network.microphones {
      let samples = frame + microphone &* network.length
      samples.update(from: samples + hop, count: filled)
    }
  }

  /// Takes in the frame.
  @inline(never)
  private mutating func hear() throws(Failure) {
    let count = network.microphones &* network.length
    var power: Float = 0
    for index in 0..<count { power += frame[index] * frame[index] }
    let strength = (power / Float(count)).squareRoot()
    frames = (frames.all * fade + 1, frames.heard * fade)
    weight *= fade
    for index in 0..<network.features { sums[index] *= fade }
    guard strength > Self.leastStrength else { return }
    normalize(by: 1 / strength)
    try network.read(input, to: features)
    let newest = Elementary.exp(network.loudness * Elementary.log(strength))
    for index in 0..<network.features { sums[index] += newest * features[index] }
    weight += newest
    frames.heard += 1
  }

  private func normalize(by factor: Float) {
    for microphone in 0..<network.microphones {
      let samples = frame + microphone &* network.length
      for index in 0..<network.length {
        let place =
          network.isInterleaved
          ? index &* network.microphones &+ microphone : microphone &* network.length &+ index
        input[place] = samples[index] * factor
      }
    }
  }

  /// Judges the average, and adds what it says to a distribution. False before the first frame.
  func judge(to distribution: AzimuthDistribution) throws(Failure) -> Bool {
    guard weight > 0 else { return false }
    for index in 0..<network.features { features[index] = sums[index] / weight }
    try network.judge(features, to: logits)
    var greatest = -Float.infinity
    for index in 0..<network.directions { greatest = max(greatest, logits[index]) }
    var sum: Float = 0
    for index in 0..<network.directions {
      logits[index] = Elementary.exp(logits[index] - greatest)
      sum += logits[index]
    }
    for index in 0..<network.directions {
      logits[index] = Elementary.log(logits[index] / sum + Self.leastProbability)
    }
    distribution.add(logits, network.directions, share: 1)
    return true
  }
}
