import Foundation

/// Standard input, output and error, any of which may be closed from the start.
enum StandardStreams {
  static var hasOutput: Bool { fcntl(STDOUT_FILENO, F_GETFD) >= 0 }

  /// Has those that are closed lead nowhere: else a link gets such a stream's number, and what is printed.
  static func fill() {
    var file: Int32
    repeat {
      file = open("/dev/null", O_RDWR)
    } while (0...STDERR_FILENO).contains(file)
    if file > STDERR_FILENO { close(file) }
  }
}
