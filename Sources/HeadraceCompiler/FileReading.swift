import Foundation

/// The bytes of a file, or an error that names it and says what the operating system says.
public func readFile(_ path: String) throws -> Data {
  do {
    return try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    // Foundation's own text is a number in an error domain; beneath it lies errno.
    let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code ?? .EIO
    throw CompilerError("cannot be read: \(String(cString: strerror(code.rawValue)))", at: path)
  }
}
