import CHeadraceIO
import Foundation
import HeadraceIOParsing
import Testing

/// A smooth RGB24 picture, different for each `seed`.
func gradient(_ width: Int, _ height: Int, seed: Int = 0) -> [UInt8] {
  var rgb: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      rgb.append(UInt8(64 + (x * 3 + seed * 40) % 128))
      rgb.append(UInt8(64 + y % 128))
      rgb.append(UInt8(64 + (x + y) / 2 % 128))
    }
  }
  return rgb
}

func jpeg(_ rgb: [UInt8], _ width: Int, _ height: Int, quality: UInt32 = 90) -> [UInt8] {
  var bytes: UnsafeMutablePointer<UInt8>?
  var count = 0
  let status = hr_jpeg_encode(
    rgb, width * 3, UInt32(width), UInt32(height), quality, &bytes, &count, nil)
  #expect(status == HR_OK)
  defer { hr_jpeg_free(bytes) }
  return Array(UnsafeBufferPointer(start: bytes, count: count))
}

func freshError() -> hr_error {
  var error = hr_error()
  error.struct_size = UInt32(MemoryLayout<hr_error>.size)
  return error
}

func message(_ error: hr_error) -> String {
  withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

func freshInfo() -> hr_jpeg_info {
  var info = hr_jpeg_info()
  info.struct_size = UInt32(MemoryLayout<hr_jpeg_info>.size)
  return info
}

/// A folder that goes away with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "headrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ bytes: [UInt8], as name: String) throws -> String {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path
  }
}

/// What a source delivered: each frame's status, name, size and jpeg bytes, until it ended.
struct Delivered: Equatable {
  var status: hr_status
  var name: String
  var width: UInt32
  var height: UInt32
  var jpegBytes: Int

  static func all(of path: String, minimum: UInt32 = 0) throws -> [Delivered] {
    var config = hr_source_config()
    hr_source_config_init(&config)
    config.width = minimum
    config.height = minimum
    var source: OpaquePointer?
    try #require(hr_source_open(&source, path, &config, nil) == HR_OK)
    defer { hr_source_close(source) }
    var result: [Delivered] = []
    while result.count < 100 {
      var frame = hr_source_frame()
      frame.struct_size = UInt32(MemoryLayout<hr_source_frame>.size)
      let status = hr_source_next(source, &frame, nil)
      if status == HR_END_OF_STREAM { break }
      #expect(frame.index == result.count)
      result.append(
        Delivered(
          status: status, name: URL(filePath: String(cString: frame.name)).lastPathComponent,
          width: frame.frame.width, height: frame.frame.height, jpegBytes: frame.jpeg_bytes))
      if status != HR_OK && status != HR_BAD_PICTURE { break }
    }
    return result
  }
}
