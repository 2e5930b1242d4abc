import Foundation
import HeadraceCompiler

/// A folder that a command fills. What is there already stays, but for files of the names that are written.
struct OutputFolder {
  let url: URL
  /// What messages name.
  private let told: URL

  init(_ path: String) throws { try self.init(path, for: nil) }

  /// - Parameter target: where files are moved to that are written here; messages name these.
  init(_ path: String, for target: OutputFolder?) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    told = target?.told ?? url
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw CompilerError(
        "cannot \(target == nil ? "make the folder" : "write there"): \(error.localizedDescription)",
        at: target?.told.path ?? path)
    }
  }

  func write(_ data: Data, _ name: String) throws {
    do {
      try data.write(to: url.appendingPathComponent(name), options: .atomic)
    } catch {
      throw CompilerError(
        "cannot write: \(error.localizedDescription)", at: told.appendingPathComponent(name).path)
    }
  }

  /// - Throws: if one of the names is a folder's, of which no file takes the place.
  func checkNames(_ names: some Sequence<String>) throws {
    for name in names {
      var status = stat()
      guard lstat(path(name), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      throw CompilerError(
        "is a folder, and a file of this name is to be written; move it away, or choose another --output",
        at: path(name))
    }
  }

  /// Moves a file here out of a folder of the same file system, over one of its name.
  func take(_ name: String, from other: OutputFolder) throws {
    guard rename(other.path(name), path(name)) == 0 else {
      throw CompilerError("cannot write: \(String(cString: strerror(errno)))", at: path(name))
    }
  }

  /// Removes a file if it is there.
  func remove(_ name: String) throws {
    guard FileManager.default.fileExists(atPath: path(name)) else { return }
    do {
      try FileManager.default.removeItem(atPath: path(name))
    } catch {
      throw CompilerError("cannot replace: \(error.localizedDescription)", at: path(name))
    }
  }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
