import Foundation

/// Why no scene could be drawn.
public enum SceneProblem: Error, CustomStringConvertible {
  case noRoomIsLargeEnough
  case speechPauses

  public var description: String {
    switch self {
    case .noRoomIsLargeEnough:
      "rooms of 3 to 10 metres hold no such scene; ask for fewer or nearer talkers, or another RT60"
    case .speechPauses:
      "the speech has a pause in every piece of the asked length; give more of it, or ask for fewer seconds"
    }
  }
}

/// What simulated scenes have in common; each is drawn at random within.
public struct SceneSampler: Sendable {
  /// Of the array, as it is thought to be, in metres.
  public var microphones: [SIMD3<Double>]
  public var seconds = 1.0
  public var talkers = 1...1
  /// Until sound has fallen by 60 dB, in seconds.
  public var reverberation = 0.2...0.8
  public var signalToNoise = 0.0...20.0
  public var distance = 1.0...3.0
  /// How much higher than the array a talker's mouth is, in metres.
  public var height = -0.2...0.2
  /// Whether walls differ from one another and from band to band.
  public var hasVariedWalls = true
  public var diffuseShare = 0.0...0.0
  /// Standard deviations of the microphones' gains, in decibels, and places, in metres.
  public var gainError = 0.0
  public var placeError = 0.0
  /// By what the array is larger than it is said to be known: a family of arrays.
  public var scale = 1.0...1.0

  public init(microphones: [SIMD3<Double>]) { self.microphones = microphones }

  /// The scene of an index, the same whatever the order of indices.
  /// - Parameter speech: what there is to be said, at 16 kHz.
  public func scene(
    _ index: Int, seed: UInt64, speech: [[Float]]
  ) throws -> (scene: Scene, truth: SceneTruth, sound: [[Float]]) {
    var mixer = RandomSource(seed: seed &+ UInt64(index) &* 0x632b_e59b_d9b4_e019)
    var random = RandomSource(seed: mixer.next())
    let drawn = try draw(&random, speech: speech)
    let sound = drawn.scene.render(&random)
    return (drawn.scene, drawn.truth, sound)
  }

  private static let mostDraws = 20_000

  private func draw(_ random: inout RandomSource, speech: [[Float]]) throws -> (
    scene: Scene, truth: SceneTruth
  ) {
    for _ in 0..<Self.mostDraws {
      let size = SIMD3(random.within(3...10), random.within(3...8), random.within(2.5...4))
      let time = random.within(reverberation)
      guard let mean = Room.absorption(size: size, reverberation: time), mean < 0.95 else {
        continue
      }
      let centre = SIMD3(
        random.within(0.7...size.x - 0.7), random.within(0.7...size.y - 0.7),
        random.within(0.8...1.6))
      let count = talkers.lowerBound + random.index(below: talkers.count)
      var places: [SIMD3<Double>] = []
      for _ in 0..<count {
        let azimuth = random.within(0...2 * .pi)
        let away = random.within(distance)
        places.append(
          centre + SIMD3(away * cos(azimuth), away * sin(azimuth), random.within(height)))
      }
      let margin = SIMD3(repeating: 0.3)
      guard places.allSatisfy({ all($0 .> margin) && all($0 .< size - margin) }) else { continue }
      let grown = random.within(scale)
      let known = microphones.map { $0 * grown }
      let room = Room(size: size, absorption: walls(mean, &random))
      let scene = Scene(
        room: room, centre: centre,
        microphones: known.map { $0 + displacement(&random) },
        talkers: try places.map { place in
          Scene.Talker(
            place: place, speech: try piece(of: speech, &random),
            gain: pow(10, random.within(-0.15...0.15)))
        },
        reverberation: time, signalToNoise: random.within(signalToNoise),
        diffuseShare: random.within(diffuseShare),
        gains: known.map { _ in pow(10, random.normals().0 * gainError / 20) })
      return (scene, SceneTruth(scene, known: known))
    }
    throw SceneProblem.noRoomIsLargeEnough
  }

  private func displacement(_ random: inout RandomSource) -> SIMD3<Double> {
    let (a, b) = random.normals()
    return SIMD3(a, b, random.normals().0) * placeError
  }

  /// Walls whose absorption differs, around a mean; carpets and curtains take more of high frequencies.
  private func walls(_ mean: Double, _ random: inout RandomSource) -> [OctaveBands.Values] {
    (0..<6).map { _ in
      guard hasVariedWalls else { return OctaveBands.Values(repeating: Float(mean)) }
      let own = mean * random.within(0.6...1.4)
      let slope = random.within(-0.1...0.4)
      var values = OctaveBands.Values(repeating: 0)
      for band in 0..<OctaveBands.count {
        // The third band above the lowest is 1 kHz.
        values[band] = Float(min(own * exp2(slope * Double(band - 3)), 0.99))
      }
      return values
    }
  }

  /// What a talker says, of a power of one: of up to two seconds a piece of one sentence with no pause in it, else
  /// sentences one behind the other.
  private func piece(of speech: [[Float]], _ random: inout RandomSource) throws -> [Float] {
    let count = Int((seconds + Scene.lead) * Scene.rate)
    guard seconds <= 2 else {
      var said: [Float] = []
      while said.count < count { said += speech[random.index(below: speech.count)] }
      return try Self.scaled(Array(said[..<count]))
    }
    for _ in 0..<400 {
      let sentence = speech[random.index(below: speech.count)]
      let whole = Self.power(sentence[...])
      for _ in 0..<20 {
        let first = random.index(below: max(sentence.count - count, 1))
        let piece = (0..<count).map { sentence[(first + $0) % sentence.count] }
        let quarter = Int(Scene.rate / 4)
        let quarters = stride(from: 0, through: count - quarter, by: quarter)
        if quarters.allSatisfy({ Self.power(piece[$0..<$0 + quarter]) > 0.05 * whole }) {
          return try Self.scaled(piece)
        }
      }
    }
    throw SceneProblem.speechPauses
  }

  private static func power(_ sound: ArraySlice<Float>) -> Float {
    sound.reduce(0) { $0 + $1 * $1 } / Float(sound.count)
  }

  private static func scaled(_ piece: [Float]) throws -> [Float] {
    let power = power(piece[...])
    guard power > 0, power.isFinite else { throw SceneProblem.speechPauses }
    let scale = 1 / sqrt(power)
    return piece.map { $0 * scale }
  }
}
