import CHeadrace

/// Arrays that can be bought, with their makers' coordinates in tenths of a micrometre.
enum ArrayPreset: Int, CaseIterable {
  case respeaker4, respeakerUSB, respeaker6, matrixVoice, matrixCreator, uma8

  var name: StaticString {
    switch self {
    case .respeaker4: "respeaker-4"
    case .respeakerUSB: "respeaker-usb"
    case .respeaker6: "respeaker-6"
    case .matrixVoice: "matrix-voice"
    case .matrixCreator: "matrix-creator"
    case .uma8: "uma-8"
    }
  }

  /// What the device delivers.
  private var format: (channels: UInt32, firstChannel: UInt32, rate: UInt32) {
    switch self {
    case .respeaker4: (4, 0, 16_000)
    // Channel 0 is the processed sound.
    case .respeakerUSB: (6, 1, 16_000)
    case .respeaker6: (8, 0, 16_000)
    case .matrixVoice: (8, 0, 48_000)
    case .matrixCreator: (8, 0, 48_000)
    case .uma8: (8, 0, 48_000)
    }
  }

  private var count: Int {
    switch self {
    case .respeaker4, .respeakerUSB: 4
    case .respeaker6: 6
    case .matrixVoice, .matrixCreator: 8
    case .uma8: 7
    }
  }

  /// x and y of a microphone in micrometres.
  private func position(_ index: Int) -> (x: Int32, y: Int32) {
    switch self {
    case .respeaker4:
      let all: InlineArray<4, (Int32, Int32)> = [(-40500, 0), (0, 40500), (40500, 0), (0, -40500)]
      return all[index]
    case .respeakerUSB:
      let all: InlineArray<4, (Int32, Int32)> = [(-32000, 0), (0, -32000), (32000, 0), (0, 32000)]
      return all[index]
    case .respeaker6:
      let all: InlineArray<6, (Int32, Int32)> = [
        (-23200, 40100), (-46300, 0), (-23200, -40100), (23200, -40100), (46300, 0), (23200, 40100),
      ]
      return all[index]
    case .matrixVoice:
      let all: InlineArray<8, (Int32, Int32)> = [
        (0, 0), (-38133, 3576), (-20980, 32043), (11971, 36381), (35908, 13323), (32805, -19767),
        (4999, -37972), (-26571, -27584),
      ]
      return all[index]
    case .matrixCreator:
      let all: InlineArray<8, (Int32, Int32)> = [
        (20091, -48504), (-20091, -48504), (-48504, -20091), (-48504, 20091), (-20091, 48504),
        (20091, 48504), (48504, 20091), (48504, -20091),
      ]
      return all[index]
    case .uma8:
      let all: InlineArray<7, (Int32, Int32)> = [
        (0, 0), (0, 43000), (37000, 21000), (37000, -21000), (0, -43000), (-37000, -21000),
        (-37000, 21000),
      ]
      return all[index]
    }
  }

  var array: hr_array {
    var array = hr_array()
    array.struct_size = UInt32(MemoryLayout<hr_array>.size)
    array.microphone_count = UInt32(count)
    array.channel_count = format.channels
    array.sample_rate = format.rate
    for index in 0..<count {
      let place = position(index)
      array.set(
        microphone: index, channel: format.firstChannel + UInt32(index), x: Float(place.x) * 1e-6,
        y: Float(place.y) * 1e-6)
    }
    return array
  }

  /// The preset whose name is this C string.
  static func named(_ name: UnsafePointer<CChar>) -> ArrayPreset? {
    for preset in allCases where preset.hasName(name) { return preset }
    return nil
  }

  private func hasName(_ other: UnsafePointer<CChar>) -> Bool {
    let own = name
    for index in 0..<own.utf8CodeUnitCount {
      guard other[index] == CChar(bitPattern: own.utf8Start[index]) else { return false }
    }
    return other[own.utf8CodeUnitCount] == 0
  }
}

extension hr_array {
  mutating func set(microphone index: Int, channel: UInt32, x: Float, y: Float, z: Float = 0) {
    withUnsafeMutableBytes(of: &positions) { raw in
      raw.storeBytes(of: x, toByteOffset: 12 * index, as: Float.self)
      raw.storeBytes(of: y, toByteOffset: 12 * index + 4, as: Float.self)
      raw.storeBytes(of: z, toByteOffset: 12 * index + 8, as: Float.self)
    }
    withUnsafeMutableBytes(of: &channels) {
      $0.storeBytes(of: channel, toByteOffset: 4 * index, as: UInt32.self)
    }
  }
}
