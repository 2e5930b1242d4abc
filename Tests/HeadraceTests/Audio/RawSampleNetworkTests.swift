import CHeadrace
import Foundation
import Testing

@testable import Headrace

extension ShippedNetwork {
  /// Real numbers of one output for samples of each microphone in turn.
  fileprivate func output(_ index: UInt32, of values: [Float]) -> [Float] {
    var tensor = hr_tensor.sized(hr_tensor())
    #expect(hr_session_input(session, 0, &tensor) == HR_OK)
    var ordered = values
    if tensor.channels_first_source == 1 {
      let (microphones, frame) = (Int(tensor.dims.3), Int(tensor.dims.2))
      for index in values.indices {
        ordered[index] = values[index % microphones * frame + index / microphones]
      }
    }
    #expect(hr_tensor_write_float(&tensor, ordered, ordered.count) == HR_OK)
    #expect(hr_session_run(session, nil) == HR_OK)
    #expect(hr_session_output(session, index, &tensor) == HR_OK)
    // Of 16 bits each.
    var found = [Float](repeating: 0, count: tensor.bytes / 2)
    #expect(hr_tensor_read_float(&tensor, &found, found.count) == HR_OK)
    return found
  }
}

/// Networks that read samples and tell one of 72 directions (Sources/Models/beamlearning).
@Suite struct RawSampleNetworkTests {
  private let frame = 1024

  /// Samples of a sound field, by microphones, of unit power.
  private func samples(_ field: SoundField) -> [Float] {
    let channels = Int(field.array.channel_count)
    let microphones = Int(field.array.microphone_count)
    let order = withUnsafeBytes(of: field.array.channels) {
      Array($0.bindMemory(to: UInt32.self).prefix(microphones).map(Int.init))
    }
    let values = order.flatMap { channel in
      (0..<frame).map { field.samples[$0 * channels + channel] }
    }
    let strength = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    return values.map { Float($0 / strength) }
  }

  struct Shipped {
    let network, array: String
    /// Degrees that it may be off: sectors are 5 apart, and half of beam-4's answers in rooms are farther off.
    let allowed: Double
  }

  private static let shipped = [
    Shipped(network: "circle-4", array: "respeaker-4", allowed: 7.5),
    Shipped(network: "circle-7", array: "uma-8", allowed: 7.5),
    Shipped(network: "beam-4", array: "respeaker-4", allowed: 15),
  ]

  @Test(arguments: shipped, [25.0, 107, 200, 312])
  func aPlaneWaveIsHeardFromWhereItComes(_ of: Shipped, _ azimuth: Double) throws {
    let network = try ShippedNetwork("beamlearning/\(of.network).hrm")
    var array = try SoundField.named(of.array)
    array.sample_rate = 16_000
    var field = SoundField(array, seconds: 0.064)
    field.add(azimuth: azimuth)
    field.addNoise(0.002)
    let sectors = network.output(0, of: samples(field))
    #expect(sectors.count == 72)
    let best = try #require(sectors.indices.max { sectors[$0] < sectors[$1] })
    #expect(degreesBetween(Float(5 * best), azimuth) < of.allowed)
    let heading = network.output(1, of: samples(field))
    let mean = atan2(heading[1], heading[0]) * 180 / .pi
    #expect(degreesBetween(mean, azimuth) < of.allowed)
  }
}
