import Foundation
import HeadraceCompiler

/// Dark pictures and the truth about them: the pictures of a folder's low/ and high/, under equal names.
struct PicturePairs {
  let dark: PictureFolder
  let truth: PictureFolder

  init(_ folder: String) throws {
    let purpose = "pairs of pictures, dark ones in low/ and bright ones of the same names in high/"
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw CompilerError("is no folder; name one with \(purpose)", at: folder) }
    dark = try PictureFolder(folder + "/low", purpose: "dark pictures")
    truth = try PictureFolder(folder + "/high", purpose: "bright pictures of low/'s names")
    for (some, others) in [(dark, truth), (truth, dark)] {
      let missing = Set(some.names).subtracting(others.names).sorted()
      guard let first = missing.first else { continue }
      let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
      throw CompilerError(
        "lacks \(first)\(more), which \(some.path) holds; give a pair one name, or leave it out",
        at: others.path)
    }
  }

  /// A pair that every method can read.
  struct Pair: Sendable {
    let name: String
    let width: Int
    let height: Int
    /// PPM files.
    let dark: String
    let truth: String
  }

  /// All pairs, once each is known to be whole and of one size.
  func decoded(_ python: PythonEnvironment?, _ folder: OutputFolder, _ progress: ProgressLine)
    throws -> [Pair]
  {
    let darks = try dark.decoded(python, into: OutputFolder(folder.path("low")))
    let truths = try truth.decoded(python, into: OutputFolder(folder.path("high")))
    return try concurrentMap(dark.names.count, "reading", progress) { index in
      let name = dark.names[index]
      let (low, high) = (
        try RGBPicture(reading: darks[index]), try RGBPicture(reading: truths[index])
      )
      let size = "\(low.width)x\(low.height)"
      guard low.width == high.width, low.height == high.height else {
        throw CompilerError(
          "is \(size), but \(truth.path(name)) is \(high.width)x\(high.height); both pictures of a pair"
            + " have one size", at: dark.path(name))
      }
      guard min(low.width, low.height) >= PictureSimilarity.window else {
        throw CompilerError(
          "is \(size), and SSIM compares windows of \(PictureSimilarity.window) pixels; leave it out",
          at: dark.path(name))
      }
      let files = ["dark", "truth"].map { String(format: "\($0)-%06d.ppm", index) }
      try folder.write(low.ppm, files[0])
      try folder.write(high.ppm, files[1])
      return Pair(
        name: name, width: low.width, height: low.height, dark: folder.path(files[0]),
        truth: folder.path(files[1]))
    }
  }
}
