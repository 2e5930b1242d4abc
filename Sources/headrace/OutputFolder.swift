import Foundation
import HeadraceCompiler

/// A folder that a command fills. What is there already stays, but for files of the names that are written.
struct OutputFolder {
  let url: URL

  init(_ path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw CompilerError("cannot make the folder: \(error.localizedDescription)", at: path)
    }
  }

  func write(_ data: Data, _ name: String) throws {
    do {
      try data.write(to: url.appendingPathComponent(name), options: .atomic)
    } catch {
      throw CompilerError("cannot write: \(error.localizedDescription)", at: path(name))
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
