import CHeadrace

/// What a call of the runtime answered.
public struct RuntimeError: Error, CustomStringConvertible {
  public let status: hr_status
  public let message: String

  public init(_ error: hr_error) {
    status = error.status
    message = withUnsafeBytes(of: error.message) { text in
      String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  public var description: String {
    let name = String(cString: hr_status_string(status))
    return message.isEmpty ? name : "\(message) (\(name))"
  }

  /// Calls a function of the runtime and throws what it answers unless that is HR_OK.
  public static func check(_ call: (UnsafeMutablePointer<hr_error>) -> hr_status) throws {
    var error = hr_error()
    hr_error_init(&error)
    let status = call(&error)
    guard status == HR_OK else {
      error.status = status
      throw RuntimeError(error)
    }
  }
}
