import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// Enhances pictures by one of the runtime's ways, in one thread.
final class PictureEnhancer {
  let variant: EnhanceVariant
  let parameters: Int
  private let networkMacs: Int
  private let network: NetworkSession
  private var config = hr_enhancer_config()
  private var memory: UnsafeMutableRawBufferPointer?
  private var enhancer: OpaquePointer?

  init(_ variant: EnhanceVariant) throws {
    self.variant = variant
    let path = ShippedFiles.models.path(variant.tone)
    guard FileManager.default.fileExists(atPath: path) else {
      throw CompilerError(
        "the network of \(variant.name) is not there; run 'boards/run host build', or let"
          + " HEADRACE_MODELS name the folder of models", at: path)
    }
    let bytes = try readFile(path)
    do {
      let description = try ModelDescription([UInt8](bytes))
      parameters = description.parameters
      networkMacs = description.macs
    } catch let error as CompilerError where error.location == nil {
      throw CompilerError(error.message, at: path)
    }
    network = try naming(path) { try NetworkSession(bytes) }
    hr_enhancer_config_init(&config)
    config.tone = network.session
    config.cpu_features = hr_cpu_detect()
    // A network that tells no tones is refused before anything is measured.
    try naming(path) { try fit(width: 1, height: 1) }
  }

  deinit { memory?.deallocate() }

  /// Multiplications of one picture.
  func macs(_ picture: RGBPicture) -> Int {
    networkMacs + variant.productsPerPixel * picture.width * picture.height
  }

  struct Result {
    var picture: RGBPicture
    var milliseconds: Double
    /// 1: all of the change, 0: none, because it was light.
    var strength: Double
  }

  /// The fastest of three runs counts.
  func enhance(_ picture: RGBPicture) throws -> Result {
    try fit(width: UInt32(picture.width), height: UInt32(picture.height))
    var result = Result(
      picture: RGBPicture(width: picture.width, height: picture.height), milliseconds: .infinity,
      strength: 0)
    var done = hr_enhancement()
    done.struct_size = UInt32(MemoryLayout<hr_enhancement>.size)
    try picture.withFrame { frame in
      try result.picture.pixels.withUnsafeMutableBytes { bytes in
        let out = bytes.bindMemory(to: UInt8.self).baseAddress
        for _ in 0..<3 {
          let start = hr_clock_monotonic(nil)
          try RuntimeError.check {
            hr_enhance(enhancer, frame, 0, out, 3 * picture.width, &done, $0)
          }
          result.milliseconds = min(
            result.milliseconds, Double(hr_clock_monotonic(nil) - start) / 1e6)
        }
      }
    }
    result.strength = Double(done.strength)
    return result
  }

  /// Remakes the enhancer where a larger picture comes.
  private func fit(width: UInt32, height: UInt32) throws {
    if enhancer != nil, width <= config.max_width, height <= config.max_height { return }
    config.max_width = max(width, config.max_width)
    config.max_height = max(height, config.max_height)
    memory?.deallocate()
    enhancer = nil
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: hr_enhancer_bytes(&config), alignment: 64)
    self.memory = memory
    try RuntimeError.check {
      hr_enhancer_init(&enhancer, memory.baseAddress, memory.count, &config, $0)
    }
  }
}
