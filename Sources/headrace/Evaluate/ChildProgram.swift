import Foundation
import HeadraceCompiler

/// Runs another program to its end.
enum ChildProgram {
  /// - Parameter line: takes each line of its standard output as it comes.
  /// - Throws: what it said last on standard error, if it fails.
  static func run(
    _ path: String, _ arguments: [String], line: (String) throws -> Void = { _ in }
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    // A file, because a pipe that nobody empties would stop a program that complains at length.
    let complaints = FileManager.default.temporaryDirectory.appendingPathComponent(
      "headrace-\(UUID().uuidString)")
    try Data().write(to: complaints)
    defer { try? FileManager.default.removeItem(at: complaints) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: complaints)
    do { try process.run() } catch {
      throw CompilerError("cannot be run: \(error.localizedDescription)", at: path)
    }
    do { try lines(of: output.fileHandleForReading, line) } catch {
      process.terminate()
      process.waitUntilExit()
      throw error
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0, process.terminationReason == .exit else {
      let said = String(decoding: (try? Data(contentsOf: complaints)) ?? Data(), as: UTF8.self)
      throw Failure(
        lines: said.split(separator: "\n").map(String.init), status: process.terminationStatus)
    }
  }

  struct Failure: Error {
    /// Of standard error.
    let lines: [String]
    let status: Int32

    /// What matters most: the last line that speaks of an error, else the last.
    var summary: String {
      lines.last { $0.localizedCaseInsensitiveContains("error") } ?? lines.last
        ?? "it ended with \(status) and said nothing"
    }
  }

  private static func lines(of file: FileHandle, _ take: (String) throws -> Void) throws {
    var rest = Data()
    while true {
      let data = file.availableData
      if data.isEmpty { break }
      rest += data
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        try take(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
        rest = Data(rest[(end + 1)...])
      }
    }
    if !rest.isEmpty { try take(String(decoding: rest, as: UTF8.self)) }
  }
}
