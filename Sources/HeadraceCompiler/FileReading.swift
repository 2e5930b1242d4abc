import Foundation

/// The bytes of a file, or an error that names it and says what the operating system says.
public func readFile(_ path: String) throws -> Data {
  guard !path.isEmpty else { throw CompilerError("the name of a file is empty") }
  // A FIFO would wait for its writer and a device need not end.
  var status = stat()
  if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
    throw CompilerError("is not a regular file; copy what it holds into one", at: path)
  }
  do {
    return try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    // Foundation's own text is a number in an error domain; beneath it lies errno.
    let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code ?? .EIO
    throw CompilerError("cannot be read: \(String(cString: strerror(code.rawValue)))", at: path)
  }
}
