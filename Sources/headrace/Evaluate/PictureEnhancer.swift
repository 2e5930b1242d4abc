import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler

/// Enhances pictures by one of the runtime's ways, in one thread.
final class PictureEnhancer {
  let variant: EnhanceVariant
  let parameters: Int
  private let toneMacs: Int
  /// For each pixel of the clean network's tiles.
  private let cleanMacsPerPixel: Double
  private let tone: NetworkSession
  private let clean: NetworkSession?
  private var config = hr_enhancer_config()
  private var memory: UnsafeMutableRawBufferPointer?
  private var enhancer: OpaquePointer?

  init(_ variant: EnhanceVariant) throws {
    self.variant = variant
    let (tone, told) = try Self.open(variant.tone, of: variant)
    let clean = try variant.clean.map { try Self.open($0, of: variant) }
    self.tone = tone
    self.clean = clean?.session
    parameters = told.parameters + (clean?.description.parameters ?? 0)
    toneMacs = told.macs
    cleanMacsPerPixel =
      clean.map { _, description in
        // Of rows and columns: channels are three.
        let pixels = description.outputs[0].shape.reduce(1, *) / 3
        return Double(description.macs) / Double(pixels)
      } ?? 0
    hr_enhancer_config_init(&config)
    config.tone = tone.session
    config.clean = clean?.session.session
    config.cpu_features = hr_cpu_detect()
    // Networks of something else are refused before anything is measured.
    try naming(variant.tone) { try fit(width: 1, height: 1) }
  }

  private static func open(
    _ name: String, of variant: EnhanceVariant
  ) throws -> (session: NetworkSession, description: ModelDescription) {
    let path = ShippedFiles.models.path(name)
    guard FileManager.default.fileExists(atPath: path) else {
      throw CompilerError(
        "a network of \(variant.name) is not there; run 'boards/run host build', or let"
          + " HEADRACE_MODELS name the folder of models", at: path)
    }
    let bytes = try readFile(path)
    return try naming(path) { (try NetworkSession(bytes), try ModelDescription([UInt8](bytes))) }
  }

  deinit { memory?.deallocate() }

  /// Multiplications of one picture, without what overlaps of tiles and their edges add.
  func macs(_ picture: RGBPicture) -> Int {
    let pixels = picture.width * picture.height
    return toneMacs + variant.productsPerPixel * pixels
      + Int((cleanMacsPerPixel * Double(pixels)).rounded())
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
