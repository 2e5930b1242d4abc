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
  func identity(_ path: String) -> (UInt64, UInt64)? {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
      return nil
    }
    return (
      (attributes[.systemNumber] as? NSNumber)?.uint64Value ?? 0,
      (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    )
  }
  guard let a = identity(first), let b = identity(second) else { return false }
  return a == b
}
