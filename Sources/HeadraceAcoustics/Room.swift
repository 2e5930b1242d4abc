import Foundation

/// A room with six flat walls.
public struct Room: Sendable {
  static let speedOfSound = 343.0

  /// Metres along x, y and z; a corner is the origin.
  let size: SIMD3<Double>
  /// How much of sound's energy each wall takes, from 0 to 1, in octave bands: x = 0, x = size, y = 0, ...
  let absorption: [OctaveBands.Values]

  init(size: SIMD3<Double>, absorption: [OctaveBands.Values]) {
    precondition(absorption.count == 6)
    self.size = size
    self.absorption = absorption
  }

  var volume: Double { size.x * size.y * size.z }
  var surface: Double { 2 * (size.x * size.y + size.y * size.z + size.z * size.x) }

  /// The mean absorption that lets sound fall by 60 dB in `seconds` (Sabine); nil if no wall could.
  static func absorption(size: SIMD3<Double>, reverberation seconds: Double) -> Double? {
    let room = Room(size: size, absorption: Array(repeating: .zero, count: 6))
    let value = 24 * log(10) * room.volume / (speedOfSound * room.surface * seconds)
    return value < 1 ? value : nil
  }

  /// What part of the amplitude a wall returns.
  func reflection(wall: Int) -> OctaveBands.Values {
    (OctaveBands.Values(repeating: 1) - absorption[wall]).squareRoot()
  }
}
