import Foundation
import HeadraceCompiler

/// The pictures of a folder, in the order of the numbers in their names.
struct PictureFolder {
  let path: String
  let names: [String]

  private static let kinds: Set = ["png", "jpg", "jpeg", "ppm"]

  /// - Parameter purpose: what the folder is for, as a message says it.
  init(_ path: String, purpose: String) throws {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { throw CompilerError("is no folder; name one with \(purpose)", at: path) }
    let all: [String]
    do { all = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw CompilerError("cannot be read: \(error.localizedDescription)", at: path)
    }
    names = all.filter { !$0.hasPrefix(".") && Self.kinds.contains(Self.kind($0)) }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    guard !names.isEmpty else {
      throw CompilerError("holds no PNG, JPEG or PPM; put \(purpose) there", at: path)
    }
  }

  private static func kind(_ name: String) -> String {
    URL(fileURLWithPath: name).pathExtension.lowercased()
  }

  private static func isPNG(_ name: String) -> Bool { kind(name) == "png" }

  /// As outputs call it.
  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent + "/" }

  func path(_ name: String) -> String { path + "/" + name }

  /// The library reads the others.
  var hasPNG: Bool { names.contains(where: Self.isPNG) }

  /// Paths of all pictures as JPEG or PPM, in the order of names.
  /// - Parameters:
  ///   - python: converts, where there are PNGs.
  ///   - folder: takes what is converted.
  func decoded(_ python: PythonEnvironment?, into folder: OutputFolder) throws -> [String] {
    if hasPNG {
      try python!.run(ShippedFiles.evaluate.path("enhance_pictures.py"), [path, folder.url.path])
    }
    return names.map { Self.isPNG($0) ? folder.path($0 + ".ppm") : path($0) }
  }
}
