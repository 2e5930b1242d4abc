import Foundation
import Testing

@testable import HeadraceAcoustics

struct RoomResponseTests {
  private static let room = Room(
    size: SIMD3(4.1, 3.3, 2.6),
    absorption: Array(repeating: OctaveBands.Values(repeating: 0.3), count: 6))
  private static let source = SIMD3(1.2, 2.5, 1.7)
  private static let microphones = [SIMD3(2.9, 1.1, 1.2), SIMD3(2.95, 1.13, 1.21)]

  private static func responses(seconds: Double, airAbsorbs: Bool) -> [[Float]] {
    RoomResponse.compute(
      room, source: source, microphones: microphones, rate: 16_000, seconds: seconds,
      airAbsorbs: airAbsorbs)
  }

  @Test func responsesAreThoseOfPyroomacoustics() {
    let ours = Self.responses(seconds: 0.06, airAbsorbs: false)
    for (expected, response) in zip(RoomResponseGolden.samples, ours) {
      let response = response[..<expected.count]
      let product = zip(expected, response).reduce(0) { $0 + $1.0 * $1.1 }
      let own = response.reduce(0) { $0 + $1 * $1 }
      let other = expected.reduce(0) { $0 + $1 * $1 }
      // What is left is that they interpolate with 81 taps, which differ from 32 near half the rate.
      #expect(product / sqrt(own * other) > 0.99)
      #expect(abs(product / own - 1) < 0.03)
    }
  }

  @Test func airAndWallsLeaveTheEnergyThatPyroomacousticsFinds() {
    let response = Self.responses(seconds: 1900 / 16_000, airAbsorbs: true)[0]
    let fourier = Fourier(atLeast: 8192)
    var spectrum = response.map { Fourier.Value($0, 0) }
    spectrum += Array(repeating: .zero, count: fourier.length - spectrum.count)
    fourier.transform(&spectrum)
    for (index, expected) in RoomResponseGolden.energies.enumerated() {
      var energy = 0.0
      for bin in 0..<fourier.length / 2 {
        let frequency = Double(bin) * 16_000 / Double(fourier.length)
        guard frequency >= RoomResponseGolden.bands[index],
          frequency < RoomResponseGolden.bands[index + 1]
        else { continue }
        energy += Double((spectrum[bin] * spectrum[bin]).sum())
      }
      #expect(abs(energy / Double(fourier.length) / expected - 1) < 0.05)
    }
  }

  @Test func directSoundComesFirstAndAfterItsWay() throws {
    let response = Self.responses(seconds: 0.03, airAbsorbs: true)[0]
    let offset = Self.source - Self.microphones[0]
    let distance = (offset * offset).sum().squareRoot()
    let peak = try #require(response.indices.max { response[$0] < response[$1] })
    #expect(abs(Double(peak) - distance / 343 * 16_000) <= 0.5)
    #expect(response[..<(peak - 17)].allSatisfy { abs($0) < 1e-3 })
  }

  @Test func soundFallsBySixtyDecibelsInTheTimeThatWasAskedFor() throws {
    let size = SIMD3(6.0, 5.0, 3.0)
    let seconds = 0.4
    let absorption = try #require(Room.absorption(size: size, reverberation: seconds))
    let room = Room(
      size: size,
      absorption: Array(repeating: OctaveBands.Values(repeating: Float(absorption)), count: 6))
    let response = RoomResponse.compute(
      room, source: SIMD3(1.5, 2, 1.4), microphones: [SIMD3(4, 3.5, 1.2)], rate: 16_000,
      seconds: 0.6, airAbsorbs: false)[0]
    // Schroeder's backward integration, from -5 to -25 dB.
    var left = response.map { $0 * $0 }
    for index in left.indices.dropLast().reversed() { left[index] += left[index + 1] }
    let first = try #require(left.firstIndex { $0 < left[0] * 0.316 })
    let last = try #require(left.firstIndex { $0 < left[0] * 0.00316 })
    let measured = Double(last - first) / 16_000 * 3
    // Sabine's formula is an approximation: image sources decay a little slower.
    #expect(measured > 0.9 * seconds && measured < 1.4 * seconds)
  }

  @Test func airAttenuatesAsTheStandardsTableSays() {
    // ISO 9613-1, table 1: 20 degrees, 50 %: dB/km at 500 Hz, 1 kHz and 4 kHz.
    let decibels = OctaveBands.airAttenuation * Float(8.685889 * 1000)
    #expect(abs(decibels[2] - 2.73) < 0.05)
    #expect(abs(decibels[3] - 4.66) < 0.05)
    #expect(abs(decibels[5] - 29.4) < 0.5)
  }
}
