import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// What a recording holds, at 16 kHz.
struct Sound {
  var channels: Int
  /// [frame][channel], from -1 to 1.
  var samples: [Float]

  var frames: Int { samples.count / channels }

  func channel(_ index: Int) -> [Float] {
    stride(from: index, to: samples.count, by: channels).map { samples[$0] }
  }
}

/// Sound from WAV files.
enum SoundFiles {
  /// The first channels of all that a folder and the folders in it hold, in the order of their paths.
  static func speech(in folder: String) throws -> [[Float]] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue,
      let all = FileManager.default.enumerator(atPath: folder)
    else { throw CompilerError("is no folder", at: folder) }
    let names = all.compactMap { $0 as? String }.filter { $0.lowercased().hasSuffix(".wav") }
      .sorted()
    let sounds = try names.map { try read(folder + "/" + $0).channel(0) }.filter {
      $0.count >= 16_000
    }
    guard !sounds.isEmpty else {
      throw CompilerError(
        "holds no WAV file of a second or more; put speech at 16 kHz there", at: folder)
    }
    return sounds
  }

  /// All of a file, which has to have 16,000 samples a second.
  static func read(_ path: String) throws -> Sound {
    func check(_ call: (UnsafeMutablePointer<hr_error>) -> hr_status) throws {
      do { try RuntimeError.check(call) } catch let error as RuntimeError {
        // It names the file.
        throw CompilerError(error.message)
      }
    }
    var sound: OpaquePointer?
    var format = hr_sound_format()
    format.struct_size = UInt32(MemoryLayout<hr_sound_format>.size)
    try check { hr_sound_open(&sound, path, &format, $0) }
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
      var error = hr_error()
      hr_error_init(&error)
      let status = hr_sound_read(sound, &buffer, block, &count, &error)
      if status == HR_END_OF_STREAM { break }
      guard status == HR_OK else { throw CompilerError(RuntimeError(error).message) }
      buffer.withUnsafeBytes { bytes in
        for index in 0..<count * channels {
          switch format.format {
          case HR_S16:
            samples.append(Float(bytes.load(fromByteOffset: 2 * index, as: Int16.self)) * 0x1p-15)
          case HR_S32:
            samples.append(Float(bytes.load(fromByteOffset: 4 * index, as: Int32.self)) * 0x1p-31)
          default: samples.append(bytes.load(fromByteOffset: 4 * index, as: Float.self))
          }
        }
      }
    }
    guard samples.allSatisfy(\.isFinite) else {
      throw CompilerError("has samples that are no numbers", at: path)
    }
    return Sound(channels: channels, samples: samples)
  }
}
