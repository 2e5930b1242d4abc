import CHeadrace
import CHeadrace.Devices
import Foundation

/// Writes a file beside its final name and renames it: whole or not at all. Follows a symbolic link, and
/// refuses what is no regular file, a device for example.
public func writeFile(_ bytes: [UInt8], to path: String) throws {
  do {
    try RuntimeError.check { hr_file_write(path, bytes, bytes.count, $0) }
  } catch let error as RuntimeError {
    throw CompilerError(error.message)
  }
}

/// Refuses a place at which `writeFile` could write nothing, before what takes long.
public func checkPlace(ofFile path: String) throws {
  var status = stat()
  if stat(path, &status) == 0 {
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CompilerError("exists and is not a regular file; choose another name", at: path)
    }
  } else {
    let folder = folder(of: path)
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw CompilerError("\(folder) is no folder; make it first", at: path)
    }
  }
}

/// Whether two paths name one place, whether a file is there or not, through whatever links.
public func areOnePlace(_ first: String, _ second: String) -> Bool {
  isSameFile(first, second)
    || first.split(separator: "/").last == second.split(separator: "/").last
      && isSameFile(folder(of: first), folder(of: second))
}

/// The folder that a path leads into, as the system finds it: a link in front of ".." leads elsewhere than the text says.
public func folder(of path: String) -> String {
  path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}

/// Whether two paths name the same existing file.
public func isSameFile(_ first: String, _ second: String) -> Bool {
  var (a, b) = (stat(), stat())
  return stat(first, &a) == 0 && stat(second, &b) == 0 && a.st_dev == b.st_dev
    && a.st_ino == b.st_ino
}
