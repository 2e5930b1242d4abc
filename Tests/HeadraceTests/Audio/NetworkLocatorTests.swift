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

  /// What is no number would stay in the sums of a window for ever.
  @Test func aNetworkThatSaysWhatIsNoNumberIsReportedAndSamplesGoOn() throws {
    let mad = try MapsToConstants(bias: .nan)
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.4)
    field.add(azimuth: 25)
    let ear = try Ear(field.array) {
      $0.method = HR_LOCATE_NETWORK
      $0.network = mad.session.handle
    }
    let samples = field.samples.map { Float($0) }
    let (status, message) = ear.process(samples, frames: field.frames)
    #expect(status == HR_INVALID_ARGUMENT)
    #expect(message.contains("no number"))
    for _ in 0..<3 {
      #expect(ear.process(samples, frames: field.frames).0 == HR_INVALID_ARGUMENT)
    }
    #expect(ear.directions.isEmpty)
  }

  @Test func fixedArithmeticTakesNoNetworkInFloatingPoint() throws {
    let network = try MapsToConstants(bias: 0)
    for arithmetic in [HR_ARITHMETIC_FLOAT, HR_ARITHMETIC_FIXED] {
      let locate = {
        try Ear(try SoundField.named("respeaker-4")) {
          $0.method = HR_LOCATE_NETWORK
          $0.network = network.session.handle
          $0.arithmetic = arithmetic
        }
      }
      if arithmetic == HR_ARITHMETIC_FLOAT {
        _ = try locate()
      } else {
        let refusal = #expect(throws: RefusedModel.self) { _ = try locate() }
        #expect(refusal?.message.contains("not for fixed arithmetic") == true)
      }
    }
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

/// A float32 network that reads maps of 24 directions in one band and says the same of each of them.
private struct MapsToConstants {
  let session: OpenSession

  init(bias: Float) throws {
    let channels = EvidenceKind.count
    var model = ModelBuilder()
    let maps = model.tensor(HRM_FLOAT32, [1, 1, 24, channels])
    let weights = model.tensor(
      HRM_FLOAT32, [1, channels, 8],
      constant: bytes(of: [Float](repeating: 0, count: channels * 8)))
    let biases = model.tensor(
      HRM_FLOAT32, [8], constant: bytes(of: [Float](repeating: bias, count: 8)))
    let said = model.tensor(HRM_FLOAT32, [1, 1, 24, 1])
    let (low, high) = ((-Float.infinity).bitPattern, Float.infinity.bitPattern)
    model.add(
      HRM_CONV2D,
      hrm_conv(
        kernel_h: 1, kernel_w: 1, stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1,
        pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0, groups: 1,
        clamp_min: Int32(bitPattern: low), clamp_max: Int32(bitPattern: high)),
      inputs: [maps, weights, biases], outputs: [said])
    model.inputs = [maps]
    model.outputs = [said]
    session = try OpenSession(OpenModel(model))
  }
}
