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

/// Whether two paths name the same existing file.
public func isSameFile(_ first: String, _ second: String) -> Bool {
  var (a, b) = (stat(), stat())
  return stat(first, &a) == 0 && stat(second, &b) == 0 && a.st_dev == b.st_dev
    && a.st_ino == b.st_ino
}
