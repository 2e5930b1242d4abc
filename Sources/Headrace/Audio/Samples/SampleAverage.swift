import CHeadrace

/// Features of the frames of a window, averaged: louder frames count for more, older ones for less.
struct SampleAverage {
  let network: SampleNetwork
  /// [microphone][length], at the network's rate: the newest samples, around.
  private let newest: UnsafeMutablePointer<Float>
  /// The same as the network reads it.
  private let input: UnsafeMutablePointer<Float>
  private let features: UnsafeMutablePointer<Float>
  /// Features times weights, of all frames that count.
  private let sums: UnsafeMutablePointer<Float>
  private let logits: UnsafeMutablePointer<Float>
  private var decimator: Decimator
  private let common: CommonSound
  /// Of each microphone.
  private let highPasses: UnsafeMutablePointer<HighPass>
  /// Where the next sample goes, and how many came since a frame was heard.
  private var place = 0
  private var fresh = 0
  /// By how much the logarithm of what sums keep falls with every sample.
  private let fading: Float
  private var weight: Float = 0
  private var frames: (all: Float, heard: Float) = (0, 0)

  /// -120 dB: less is silence.
  private static var leastStrength: Float { 1e-6 }
  /// Keeps a direction that seems impossible from being ruled out.
  private static var leastProbability: Float { 0.001 }

  /// 0 ... 1: how many of the frames that count were neither silence nor noise of the microphones.
  var presence: Float { frames.all > 0 ? frames.heard / frames.all : 0 }

  /// Whether what came before the newest frame hardly counts.
  var isOfOneFrame: Bool { frames.all < 1.5 }

  static func byteCount(_ network: SampleNetwork, _ array: MicrophoneArray) -> Int {
    let samples = network.microphones * network.length
    return 4 * (2 * samples + 2 * network.features + network.directions)
      + Decimator.byteCount(
        factor: array.sampleRate / SampleNetwork.rate, microphones: network.microphones)
      + network.microphones * MemoryLayout<HighPass>.stride
  }

  init(
    _ network: SampleNetwork, _ array: MicrophoneArray, windowMilliseconds: Int,
    in memory: UnsafeMutableRawPointer
  ) {
    self.network = network
    let count = network.microphones * network.length
    newest = memory.assumingMemoryBound(to: Float.self)
    input = newest + count
    features = input + count
    sums = features + network.features
    logits = sums + network.features
    common = CommonSound(array, first: Int(network.order[0]), rate: SampleNetwork.rate)
    let factor = array.sampleRate / SampleNetwork.rate
    let rest = UnsafeMutableRawPointer(logits + network.directions)
    decimator = Decimator(factor: factor, in: rest)
    let decimatorBytes = Decimator.byteCount(factor: factor, microphones: network.microphones)
    highPasses = (rest + decimatorBytes).bindMemory(
      to: HighPass.self, capacity: network.microphones)
    highPasses.initialize(repeating: HighPass(), count: network.microphones)
    let milliseconds = 1000 / Float(SampleNetwork.rate)
    fading = windowMilliseconds == 0 ? 0 : milliseconds / Float(windowMilliseconds)
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
      newest[microphone &* network.length &+ place] =
        highPasses[microphone].filter(decimator.value(microphone: microphone))
    }
    place = place &+ 1 == network.length ? 0 : place &+ 1
    fresh &+= 1
    if fresh == network.length { try hear() }
  }

  /// Takes in the newest samples as a frame.
  @inline(never)
  private mutating func hear() throws(Failure) {
    let count = network.microphones &* network.length
    var power: Float = 0
    for index in 0..<count { power += newest[index] * newest[index] }
    let fade = Elementary.exp(-fading * Float(fresh))
    fresh = 0
    let strength = (power / Float(count)).squareRoot()
    frames = (frames.all * fade + 1, frames.heard * fade)
    weight *= fade
    for index in 0..<network.features { sums[index] *= fade }
    guard strength > Self.leastStrength,
      common.isHeard(newest, microphones: network.microphones, length: network.length)
    else { return }
    normalize(by: 1 / strength)
    try network.read(input, to: features)
    let loudness = Elementary.exp(network.loudness * Elementary.log(strength))
    for index in 0..<network.features { sums[index] += loudness * features[index] }
    weight += loudness
    frames.heard += 1
  }

  private func normalize(by factor: Float) {
    for microphone in 0..<network.microphones {
      let samples = newest + microphone &* network.length
      let step = network.isInterleaved ? network.microphones : 1
      var to = input + (network.isInterleaved ? microphone : microphone &* network.length)
      for index in 0..<network.length {
        let oldest = place &+ index
        to.pointee = samples[oldest < network.length ? oldest : oldest &- network.length] * factor
        to += step
      }
    }
  }

  /// Judges the average, and adds what it says to a distribution. False before the first frame. Frames end where this
  /// is asked, unless they had to be heard for the most part before.
  mutating func judge(to distribution: AzimuthDistribution) throws(Failure) -> Bool {
    if frames.all > 0, 2 &* fresh >= network.length { try hear() }
    guard weight > 0 else { return false }
    for index in 0..<network.features { features[index] = sums[index] / weight }
    try network.judge(features, to: logits)
    softmax(logits, network.directions)
    for index in 0..<network.directions {
      logits[index] = Elementary.log(logits[index] + Self.leastProbability)
    }
    distribution.add(logits, network.directions, share: 1)
    return true
  }
}
