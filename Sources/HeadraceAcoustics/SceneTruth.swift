import Foundation

/// What there is to be found out about a scene; a line of the file that lists them.
public struct SceneTruth: Codable, Sendable {
  public struct Talker: Codable, Sendable {
    public var azimuth: Double
    public var elevation: Double
    public var distance: Double
  }

  public var file = ""
  /// Angles in degrees, azimuth from x towards y.
  public var talkers: [Talker]
  public var rt60: Double
  public var snr: Double
  /// Metres.
  public var room: [Double]
  public var diffuse: Double
  /// Where the microphones are said to be, around the array's centre.
  public var microphones: [[Double]]

  init(_ scene: Scene, known: [SIMD3<Double>]) {
    talkers = scene.talkers.map { talker in
      let offset = talker.place - scene.centre
      let around = (offset.x * offset.x + offset.y * offset.y).squareRoot()
      let azimuth = atan2(offset.y, offset.x) * 180 / .pi
      return Talker(
        azimuth: azimuth < 0 ? azimuth + 360 : azimuth,
        elevation: atan2(offset.z, around) * 180 / .pi,
        distance: (offset * offset).sum().squareRoot())
    }
    rt60 = scene.reverberation
    snr = scene.signalToNoise
    room = [scene.room.size.x, scene.room.size.y, scene.room.size.z]
    diffuse = scene.diffuseShare
    microphones = known.map { [$0.x, $0.y, $0.z] }
  }
}
