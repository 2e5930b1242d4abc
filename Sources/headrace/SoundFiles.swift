import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// Mono speech from WAV files.
enum SoundFiles {
  /// All of a folder and the folders in it, in the order of their paths.
  static func speech(in folder: String) throws -> [[Float]] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue,
      let all = FileManager.default.enumerator(atPath: folder)
    else { throw CompilerError("is no folder", at: folder) }
    let names = all.compactMap { $0 as? String }.filter { $0.lowercased().hasSuffix(".wav") }
      .sorted()
    let sounds = try names.map { try read(folder + "/" + $0) }.filter { $0.count >= 16_000 }
    guard !sounds.isEmpty else {
      throw CompilerError(
        "holds no WAV file of a second or more; put speech at 16 kHz there", at: folder)
    }
    return sounds
  }

  /// The first channel of a file.
  private static func read(_ path: String) throws -> [Float] {
    var error = hr_error()
    error.struct_size = UInt32(MemoryLayout<hr_error>.size)
    func check(_ status: hr_status) throws {
      guard status == HR_OK else { throw CompilerError(error.text) }
    }
    var sound: OpaquePointer?
    var format = hr_sound_format()
    format.struct_size = UInt32(MemoryLayout<hr_sound_format>.size)
    try check(hr_sound_open(&sound, path, &format, &error))
    defer { hr_sound_close(sound) }
    guard format.sample_rate == 16_000 else {
      throw CompilerError(
        "has \(format.sample_rate) samples a second; convert it to 16,000", at: path)
    }
    let channels = Int(format.channel_count)
    var samples: [Float] = []
    let block = 4096
    var buffer = [Int32](repeating: 0, count: block * channels)
    while true {
      var count = 0
      let status = hr_sound_read(sound, &buffer, block, &count, &error)
      if status == HR_END_OF_STREAM { return samples }
      try check(status)
      buffer.withUnsafeBytes { bytes in
        for index in 0..<count {
          switch format.format {
          case HR_S16:
            samples.append(
              Float(bytes.load(fromByteOffset: 2 * index * channels, as: Int16.self)) * 0x1p-15)
          case HR_S32:
            samples.append(
              Float(bytes.load(fromByteOffset: 4 * index * channels, as: Int32.self)) * 0x1p-31)
          default:
            samples.append(bytes.load(fromByteOffset: 4 * index * channels, as: Float.self))
          }
        }
      }
      guard samples.allSatisfy(\.isFinite) else {
        throw CompilerError("has samples that are no numbers", at: path)
      }
    }
  }
}

extension hr_error {
  fileprivate var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
