import CHeadrace

/// An array whose geometry makes sense.
struct MicrophoneArray {
  static var speedOfSound: Float { 343 }
  /// Microphones nearer than this tell nothing apart.
  static var leastDistance: Float { 0.005 }
  static var greatestDistance: Float { 10 }
  /// Of coordinates: beyond it a Float does not tell microphones' places.
  static var greatestCoordinate: Float { 1000 }

  let count: Int
  let channelCount: Int
  let sampleRate: Int
  private let array: hr_array

  /// Throws `HR_INVALID_ARGUMENT` with what is wrong.
  init(_ array: UnsafePointer<hr_array>?) throws(Failure) {
    guard let array, Int(clamping: array.pointee.struct_size) >= MemoryLayout<hr_array>.size else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the array is NULL or has no size",
        remedy: "call hr_array_named, or set struct_size")
    }
    self.array = array.pointee
    count = Int(clamping: array.pointee.microphone_count)
    channelCount = Int(clamping: array.pointee.channel_count)
    sampleRate = Int(clamping: array.pointee.sample_rate)
    guard (2...Int(HR_MAX_MICROPHONES)).contains(count) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the array has too few or too many microphones",
        remedy: "describe 2 to HR_MAX_MICROPHONES")
    }
    guard (1...64).contains(channelCount), (8_000...192_000).contains(sampleRate) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the array's channel count or sampling rate is out of range",
        remedy: "there are 1 to 64 channels at 8,000 to 192,000 Hz")
    }
    for first in 0..<count {
      let a = position(first)
      guard a.x.magnitude <= Self.greatestCoordinate, a.y.magnitude <= Self.greatestCoordinate,
        a.z.magnitude <= Self.greatestCoordinate
      else {
        throw Failure(
          HR_INVALID_ARGUMENT, "a microphone is not within a kilometre of the array's origin",
          remedy: "give positions in metres")
      }
      guard channel(first) < channelCount else {
        throw Failure(
          HR_INVALID_ARGUMENT, "a microphone has no channel of the device",
          remedy: "set channel_count to what the device delivers, and channels to which is whose")
      }
      for second in 0..<first {
        let distance = (a - position(second)).length
        guard distance >= Self.leastDistance, distance <= Self.greatestDistance else {
          throw Failure(
            HR_INVALID_ARGUMENT, "two microphones are in the same place, or metres apart",
            remedy: "give positions in metres")
        }
        guard channel(first) != channel(second) else {
          throw Failure(HR_INVALID_ARGUMENT, "two microphones have the same channel")
        }
      }
    }
  }

  func position(_ index: Int) -> Vector3 {
    withUnsafeBytes(of: array.positions) { raw in
      Vector3(
        x: raw.load(fromByteOffset: 12 * index, as: Float.self),
        y: raw.load(fromByteOffset: 12 * index + 4, as: Float.self),
        z: raw.load(fromByteOffset: 12 * index + 8, as: Float.self))
    }
  }

  func channel(_ index: Int) -> Int {
    withUnsafeBytes(of: array.channels) {
      Int(clamping: $0.load(fromByteOffset: 4 * index, as: UInt32.self))
    }
  }
}
