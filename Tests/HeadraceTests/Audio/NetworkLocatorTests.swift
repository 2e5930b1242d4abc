import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct NetworkLocatorTests {
  private func ear(_ array: hr_array, _ network: ShippedNetwork) throws -> Ear {
    try Ear(array) {
      $0.method = HR_LOCATE_NETWORK
      $0.network = network.session
      $0.max_directions = 2
    }
  }

  /// Of the arrays at 16 kHz, and one it was not trained with at 48 kHz.
  @Test(arguments: ["respeaker-4", "respeaker-usb", "uma-8"], [25.0, 200])
  func aTalkerIsFoundWithAnArrayOfAnyGeometry(_ name: String, _ azimuth: Double) throws {
    let network = try ShippedNetwork("locate/locate.hrm")
    var field = SoundField(try SoundField.named(name), seconds: 0.4)
    field.add(azimuth: azimuth)
    field.addNoise(0.002)
    let directions = try ear(field.array, network).hear(field).directions
    let best = try #require(directions.first)
    #expect(degreesBetween(best.azimuth, azimuth) < 4)
    #expect(best.energy > 0.5)
  }

  @Test func twoTalkersShareTheProbability() throws {
    let network = try ShippedNetwork("locate/locate.hrm")
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.6)
    field.add(azimuth: 40)
    field.add(azimuth: 160)
    field.addNoise(0.002)
    let directions = try ear(field.array, network).hear(field).directions
    #expect(directions.count == 2)
    for azimuth in [40.0, 160] {
      #expect(directions.contains { degreesBetween($0.azimuth, azimuth) < 8 })
    }
    #expect(directions.allSatisfy { $0.energy < 0.8 })
  }

  @Test func noiseOfTheSensorsIsNoTalker() throws {
    let network = try ShippedNetwork("locate/locate.hrm")
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.6)
    field.addNoise(0.05)
    let ear = try ear(field.array, network).hear(field)
    #expect(ear.directions.allSatisfy { $0.energy < 0.4 })
    #expect(ear.tracks.isEmpty)
  }

  /// The mains', which a card adds to all channels at once, to one more than to another.
  @Test func humThatAllChannelsHaveMakesNoTrack() throws {
    let network = try ShippedNetwork("locate/locate.hrm")
    let array = try SoundField.named("respeaker-4")
    var field = SoundField(array, seconds: 3)
    field.addNoise(0.0003)
    let samples = field.samples.enumerated().map { index, value in
      let (channel, time) = (index % 4, Double(index / 4) / Double(array.sample_rate))
      let hum = (1..<40).reduce(0.0) { $0 + sin(Double($1) * (2 * Double.pi * 50 * time + 1)) }
      return Float(value + 0.01 * hum * [1, 0.7, 1.3, 0.9][channel])
    }
    let ear = try ear(array, network)
    let (status, message) = ear.process(samples, frames: field.frames)
    #expect(status == HR_OK, "\(message)")
    #expect(ear.tracks.isEmpty)
  }

  @Test func silenceIsNoTalker() throws {
    let network = try ShippedNetwork("locate/locate.hrm")
    let field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.4)
    #expect(try ear(field.array, network).hear(field).directions.isEmpty)
  }

  @Test func aNetworkThatReadsSomethingElseIsRefused() throws {
    let head = try ShippedNetwork("bottlefit/head.hrm")
    let refusal = #expect(throws: RefusedModel.self) {
      _ = try ear(try SoundField.named("respeaker-4"), head)
    }
    #expect(refusal?.status == HR_INVALID_ARGUMENT)
    #expect(refusal?.message.contains("does not read maps of directions") == true)
    #expect(throws: RefusedModel.self) {
      _ = try Ear(try SoundField.named("respeaker-4")) { $0.method = HR_LOCATE_NETWORK }
    }
  }
}
