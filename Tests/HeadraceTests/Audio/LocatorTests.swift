import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// Sound in the open: plane waves of many sinusoids, which reach each microphone with the delay that geometry
/// says, to the last digit.
struct SoundField {
  var array: hr_array
  private(set) var samples: [Double]
  let frames: Int
  private var random = ByteSource(seed: 77)

  init(_ array: hr_array, seconds: Double) {
    self.array = array
    frames = Int(seconds * Double(array.sample_rate))
    samples = [Double](repeating: 0, count: frames * Int(array.channel_count))
  }

  private mutating func uniform() -> Double {
    random.bytes(3).reduce(0) { ($0 + Double($1)) / 256 }
  }

  mutating func add(
    azimuth: Double, elevation: Double = 0, amplitude: Double = 0.03, during: Range<Double>? = nil
  ) {
    let (az, el) = (azimuth * .pi / 180, elevation * .pi / 180)
    let direction = [cos(el) * cos(az), cos(el) * sin(az), sin(el)]
    let rate = Double(array.sample_rate)
    let tones = (0..<28).map {
      (hertz: 320 + 230 * Double($0) + 90 * uniform(), phase: 2 * .pi * uniform())
    }
    let range =
      during.map { Int($0.lowerBound * rate)..<min(Int($0.upperBound * rate), frames) }
      ?? 0..<frames
    for microphone in 0..<Int(array.microphone_count) {
      let place = withUnsafeBytes(of: array.positions) { raw in
        (0..<3).map { Double(raw.load(fromByteOffset: 12 * microphone + 4 * $0, as: Float.self)) }
      }
      let channel = withUnsafeBytes(of: array.channels) {
        Int($0.load(fromByteOffset: 4 * microphone, as: UInt32.self))
      }
      let early = zip(place, direction).reduce(0) { $0 + $1.0 * $1.1 } / 343
      for tone in tones {
        // By a rotating phasor: a cosine for every sample would take seconds.
        let step = 2 * Double.pi * tone.hertz / rate
        var (re, im) = (
          cos(tone.phase + step * Double(range.lowerBound) + 2 * .pi * tone.hertz * early),
          sin(tone.phase + step * Double(range.lowerBound) + 2 * .pi * tone.hertz * early)
        )
        let (c, s) = (cos(step), sin(step))
        for frame in range {
          samples[frame * Int(array.channel_count) + channel] += amplitude * re
          (re, im) = (re * c - im * s, re * s + im * c)
        }
      }
    }
  }

  mutating func addNoise(_ amplitude: Double) {
    for index in samples.indices { samples[index] += amplitude * (2 * uniform() - 1) }
  }

  static func named(_ name: String) throws -> hr_array {
    var array = hr_array()
    #expect(hr_array_named(&array, name, nil) == HR_OK)
    return array
  }
}

/// A locator with its memory, and what it told.
final class Ear {
  private let memory: AlignedBytes
  private var handle: OpaquePointer?
  private(set) var locations: [hr_location] = []

  init(_ array: hr_array, _ configure: (inout hr_locator_config) -> Void = { _ in }) throws {
    var array = array
    var config = hr_locator_config()
    hr_locator_config_init(&config)
    // Fewer than by default: tests are built for debugging.
    config.azimuths = 40
    configure(&config)
    memory = AlignedBytes(count: hr_locator_bytes(&array, &config))
    config.handler = { context, location in
      Unmanaged<Ear>.fromOpaque(context!).takeUnretainedValue().locations.append(location!.pointee)
    }
    config.handler_context = Unmanaged.passUnretained(self).toOpaque()
    var error = emptyError()
    let status = hr_locator_init(&handle, memory.base, memory.count, &array, &config, &error)
    if status != HR_OK { throw RefusedModel(status: status, message: message(error)) }
  }

  @discardableResult
  func hear(_ field: SoundField, block: Int = 1024) -> Ear {
    let channels = Int(field.array.channel_count)
    let samples = field.samples.map { Int16(max(-32768, min(32767, ($0 * 32768).rounded()))) }
    for first in stride(from: 0, to: field.frames, by: block) {
      let count = min(block, field.frames - first)
      let status = samples.withUnsafeBufferPointer {
        hr_locator_process(handle, $0.baseAddress! + first * channels, HR_S16, count, nil)
      }
      #expect(status == HR_OK)
    }
    return self
  }

  func process(_ samples: [Float], frames: Int) -> (hr_status, String) {
    var error = emptyError()
    let status = samples.withUnsafeBufferPointer {
      hr_locator_process(handle, $0.baseAddress, HR_F32, frames, &error)
    }
    return (status, message(error))
  }

  var directions: [hr_direction] { locations.last.map(Ear.directions) ?? [] }
  var tracks: [hr_track] { locations.last.map(Ear.tracks) ?? [] }

  static func directions(_ location: hr_location) -> [hr_direction] {
    withUnsafeBytes(of: location.directions) {
      Array($0.assumingMemoryBound(to: hr_direction.self).prefix(Int(location.direction_count)))
    }
  }

  static func tracks(_ location: hr_location) -> [hr_track] {
    withUnsafeBytes(of: location.tracks) {
      Array($0.assumingMemoryBound(to: hr_track.self).prefix(Int(location.track_count)))
    }
  }
}

func degreesBetween(_ a: Float, _ b: Double) -> Double {
  abs((Double(a) - b + 540).truncatingRemainder(dividingBy: 360) - 180)
}

@Suite struct LocatorTests {
  private static let names = [
    "respeaker-4", "respeaker-usb", "respeaker-6", "matrix-voice", "matrix-creator", "uma-8",
  ]

  @Test(arguments: names, [HR_LOCATE_MUSIC, HR_LOCATE_SRP_PHAT])
  func aPlaneWaveIsFoundWhereItComesFrom(name: String, method: hr_locate_method) throws {
    for azimuth in method == HR_LOCATE_MUSIC ? [3.0, 270] : [121.7] {
      var field = SoundField(try SoundField.named(name), seconds: 0.2)
      field.add(azimuth: azimuth)
      field.addNoise(0.001)
      let ear = try Ear(field.array) {
        $0.method = method
        $0.azimuths = 180
      }
      let direction = try #require(ear.hear(field).directions.first)
      // Directions that are searched lie 2 degrees apart.
      #expect(degreesBetween(direction.azimuth, azimuth) < 1.5)
      #expect(direction.energy > 0.5)
    }
  }

  @Test func elevationIsFoundAboveAFlatArray() throws {
    var field = SoundField(try SoundField.named("uma-8"), seconds: 0.2)
    field.add(azimuth: 200, elevation: 40)
    field.addNoise(0.001)
    let ear = try Ear(field.array) {
      $0.elevations = 9
      $0.azimuths = 72
    }
    let direction = try #require(ear.hear(field).directions.first)
    #expect(degreesBetween(direction.azimuth, 200) < 3)
    #expect(abs(direction.elevation - 40) < 4)
  }

  @Test func twoTalkersAreTwoTracksThatKeepTheirNumbers() throws {
    var array = try SoundField.named("uma-8")
    array.sample_rate = 16_000
    var field = SoundField(array, seconds: 3)
    // One after the other and together; the first pauses.
    field.add(azimuth: 40, during: 0..<1)
    field.add(azimuth: 150, during: 0.5..<3)
    field.add(azimuth: 40, during: 2..<3)
    field.addNoise(0.001)
    let ear = try Ear(field.array)
    let tracks = ear.hear(field).tracks
    #expect(tracks.count == 2)
    let first = try #require(tracks.first { $0.id == 1 })
    let second = try #require(tracks.first { $0.id == 2 })
    #expect(degreesBetween(first.direction.azimuth, 40) < 5)
    #expect(degreesBetween(second.direction.azimuth, 150) < 5)
    let ids = Set(ear.locations.flatMap { Ear.tracks($0).map(\.id) })
    #expect(ids == [1, 2])
  }

  @Test func aTrackThatIsNotHeardForSecondsEnds() throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 5.5)
    field.add(azimuth: 90, during: 0..<0.8)
    field.addNoise(0.001)
    let ear = try Ear(field.array).hear(field)
    #expect(ear.locations.contains { !Ear.tracks($0).isEmpty })
    #expect(ear.tracks.isEmpty)
  }

  /// Constants that differ between channels, as cheap cards have them, and hiss that a noise gate lets through now and
  /// then: both begin suddenly, in each microphone by itself.
  @Test(arguments: [HR_ARITHMETIC_FLOAT, HR_ARITHMETIC_FIXED])
  func whatBeginsSuddenlyInEachMicrophoneIsNoSource(arithmetic: hr_arithmetic) throws {
    let array = try SoundField.named("respeaker-4")
    var (quiet, loud) = (SoundField(array, seconds: 1), SoundField(array, seconds: 1))
    quiet.addNoise(0.0001)
    loud.addNoise(0.2)
    let constants = quiet.samples.enumerated().map {
      Float($0.element + [0.1, -0.3, 0.5, 0.9][$0.offset % 4])
    }
    let gated = loud.samples.enumerated().map {
      Float($0.offset / 4 % 5760 < 480 ? $0.element : 0)
    }
    for samples in [constants, gated] {
      let ear = try Ear(array) { $0.arithmetic = arithmetic }
      let (status, message) = ear.process(samples, frames: quiet.frames)
      #expect(status == HR_OK, "\(message)")
      #expect(!ear.locations.isEmpty && ear.locations.allSatisfy { Ear.tracks($0).isEmpty })
    }
  }

  @Test(arguments: ["respeaker-4", "uma-8"])
  func neitherSilenceNorTheSensorsNoiseIsASource(name: String) throws {
    let array = try SoundField.named(name)
    #expect(try Ear(array).hear(SoundField(array, seconds: 0.5)).directions.isEmpty)
    var noise = SoundField(array, seconds: 1)
    noise.addNoise(0.05)
    let ear = try Ear(array).hear(noise)
    #expect(ear.locations.allSatisfy { $0.track_count == 0 })
    #expect(ear.locations.flatMap(Ear.directions).allSatisfy { $0.energy < 0.35 })
  }

  /// A wiring fault: what reaches all microphones at once comes from no azimuth.
  @Test(arguments: ["respeaker-4", "uma-8"])
  func channelsThatAreAllTheSameAreNoDirection(name: String) throws {
    let array = try SoundField.named(name)
    var field = SoundField(array, seconds: 0.5)
    field.add(azimuth: 0, elevation: 90)
    field.addNoise(0.0001)
    #expect(try Ear(array).hear(field).directions.isEmpty)
  }

  /// By amplifiers that differ, and with sensors' noise 45 dB below.
  @Test(
    arguments: [HR_LOCATE_MUSIC, HR_LOCATE_SRP_PHAT, HR_LOCATE_WIDEBAND_MUSIC],
    [HR_ARITHMETIC_FLOAT, HR_ARITHMETIC_FIXED])
  func channelsThatDifferInLoudnessAloneAreNoDirection(
    method: hr_locate_method, arithmetic: hr_arithmetic
  ) throws {
    let array = try SoundField.named("respeaker-4")
    var (source, noise) = (SoundField(array, seconds: 0.4), SoundField(array, seconds: 0.4))
    source.add(azimuth: 30)
    noise.addNoise(0.001)
    let samples = source.samples.indices.map { index in
      let channel = index % 4
      let first = source.samples[index - channel]
      return Float(first * [1, 0.8, 1.2, 0.9][channel] + noise.samples[index])
    }
    let ear = try Ear(array) {
      $0.method = method
      $0.arithmetic = arithmetic
    }
    let (status, message) = ear.process(samples, frames: source.frames)
    #expect(status == HR_OK, "\(message)")
    #expect(ear.locations.count > 3)
    #expect(ear.locations.allSatisfy { $0.direction_count == 0 })
  }

  @Test func blocksOfAnySizeGiveTheSame() throws {
    var field = SoundField(try SoundField.named("respeaker-4"), seconds: 0.5)
    field.add(azimuth: 77)
    field.addNoise(0.01)
    let whole = try Ear(field.array).hear(field, block: field.frames).locations
    #expect(whole.count > 4)
    for block in [1, 7, 128, 1000] {
      let pieces = try Ear(field.array).hear(field, block: block).locations
      #expect(pieces.count == whole.count)
      for (a, b) in zip(pieces, whole) {
        #expect(a.sample == b.sample || block > 128)
        #expect(Ear.directions(a).map(\.azimuth) == Ear.directions(b).map(\.azimuth))
      }
    }
  }

  @Test func samplesThatAreNoNumbersAreRefusedAndChangeNothing() throws {
    let ear = try Ear(SoundField.named("respeaker-4"))
    for bad in [Float.nan, .infinity, -.infinity, 1e30] {
      let (status, text) = ear.process([0, 0, bad, 0, 0, 0, 0, 0], frames: 2)
      #expect(status == HR_INVALID_ARGUMENT)
      #expect(text.contains("not a number"))
    }
    #expect(ear.process([Float](repeating: 0, count: 8), frames: 2).0 == HR_OK)
  }

  @Test func arraysThatMakeNoSenseAreRefused() throws {
    let good = try SoundField.named("respeaker-4")
    let changes: [(String, (inout hr_array) -> Void)] = [
      ("too few", { $0.microphone_count = 1 }), ("too few", { $0.microphone_count = 17 }),
      ("same place", { $0.set(microphone: 1, channel: 1, x: -0.0405, y: 0.001) }),
      ("metres apart", { $0.set(microphone: 1, channel: 1, x: 40, y: 0) }),
      ("kilometre", { $0.set(microphone: 2, channel: 2, x: .nan, y: 0) }),
      ("kilometre", { $0.set(microphone: 2, channel: 2, x: 1.2e8, y: 0) }),
      ("channel of the device", { $0.set(microphone: 2, channel: 4, x: 0.04, y: 0) }),
      ("same channel", { $0.set(microphone: 2, channel: 0, x: 0.04, y: 0) }),
      ("rate", { $0.sample_rate = 100 }), ("channel count", { $0.channel_count = 0 }),
      ("no size", { $0.struct_size = 0 }),
      ("too many", { $0.microphone_count = .max }), ("channel count", { $0.channel_count = .max }),
      ("rate", { $0.sample_rate = .max }), ("channel of the device", { $0.channels.1 = .max }),
    ]
    for (text, change) in changes {
      var array = good
      change(&array)
      var config = LocatorConfiguration.defaults
      #expect(hr_locator_bytes(&array, &config) == 0)
      let memory = AlignedBytes(count: 64)
      var handle: OpaquePointer?
      var error = emptyError()
      #expect(
        hr_locator_init(&handle, memory.base, 64, &array, &config, &error) == HR_INVALID_ARGUMENT)
      #expect(message(error).contains(text))
      #expect(handle == nil)
    }
  }

  @Test func configurationsOutOfRangeAreRefused() throws {
    let changes: [(inout hr_locator_config) -> Void] = [
      { $0.azimuths = 23 }, { $0.azimuths = 361 }, { $0.elevations = 0 }, { $0.elevations = 19 },
      { $0.low_hz = .nan }, { $0.high_hz = 400 }, { $0.low_hz = 9000 },
      {
        $0.low_hz = 23_900
        $0.high_hz = 96_000
      }, { $0.high_hz = .infinity },
      { $0.period_ms = 7 }, { $0.window_ms = 60_001 }, { $0.max_directions = 5 },
      { $0.method = hr_locate_method(6) }, { $0.arithmetic = hr_arithmetic(3) },
      { $0.struct_size = 4 },
    ]
    for change in changes {
      #expect(throws: RefusedModel.self) { try Ear(SoundField.named("uma-8"), change) }
    }
  }

  @Test func anUnknownArrayIsToldWhichThereAre() {
    var array = hr_array()
    var error = emptyError()
    #expect(hr_array_named(&array, "respeaker", &error) == HR_NOT_FOUND)
    #expect(message(error).contains("uma-8"))
    let names = (0...).lazy.map { hr_array_name($0) }.prefix { $0 != nil }
    #expect(names.map { String(cString: $0!) } == LocatorTests.names)
    #expect(hr_array_name(UInt32.max) == nil)
  }
}
