import Foundation

/// The bytes of a file, or an error that names it and says what the operating system says.
public func readFile(_ path: String) throws -> Data {
  guard !path.isEmpty else { throw CompilerError("the name of a file is empty") }
  // A FIFO would wait for its writer and a device need not end.
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    if let type = attributes?[.type] as? FileAttributeType, type != .typeRegular {
      throw CompilerError("is not a regular file; copy what it holds into one", at: path)
    }
  }
  do {
    return try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    // Foundation's own text is a number in an error domain; beneath it lies errno.
    let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code ?? .EIO
    throw CompilerError("cannot be read: \(String(cString: strerror(code.rawValue)))", at: path)
  }
}
