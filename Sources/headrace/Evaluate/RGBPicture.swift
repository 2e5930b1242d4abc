import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// Rows of red, green and blue bytes, tightly packed.
struct RGBPicture: Sendable {
  let width: Int
  let height: Int
  var pixels: [UInt8]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: 3 * width * height)
  }

  /// A JPEG, PPM or PGM, whole.
  init(reading path: String) throws {
    do {
      var source: OpaquePointer?
      try RuntimeError.check { hr_source_open(&source, path, nil, $0) }
      defer { hr_source_close(source) }
      var picture = hr_source_frame()
      picture.struct_size = UInt32(MemoryLayout<hr_source_frame>.size)
      try RuntimeError.check { hr_source_next(source, &picture, $0) }
      let (width, height) = (picture.frame.width, picture.frame.height)
      self.init(width: Int(width), height: Int(height))
      try pixels.withUnsafeMutableBytes { bytes in
        let out = bytes.bindMemory(to: UInt8.self).baseAddress
        try RuntimeError.check { error in
          hr_frame_to_rgb(
            &picture.frame, HR_FIT_STRETCH, HR_FILTER_AUTO, out, 3 * Int(width), width, height,
            error)
        }
      }
    } catch let error as RuntimeError {
      // What the device library says may name the path itself.
      throw CompilerError(
        "\(error.message); replace the picture or leave it out",
        at: error.message.contains(path) ? nil : path)
    }
  }

  /// Calls `body` with a frame of these pixels.
  func withFrame<Result>(_ body: (UnsafePointer<hr_frame>) throws -> Result) throws -> Result {
    try pixels.withUnsafeBytes { bytes in
      var frame = hr_frame()
      try RuntimeError.check { error in
        hr_frame_wrap(
          &frame, HR_RGB24, UInt32(width), UInt32(height),
          bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, error)
      }
      return try body(&frame)
    }
  }

  /// The bytes of a binary PPM file.
  var ppm: Data { Data("P6\n\(width) \(height)\n255\n".utf8) + pixels }
}
