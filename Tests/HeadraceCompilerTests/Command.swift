import Foundation

/// The built `headrace`.
enum Command {
  typealias Result = (status: Int32, output: String, error: String)

  private static let program = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("headrace")

  /// - Parameters:
  ///   - shell: what sh does with the program and its arguments, as `exec "$0" "$@"`.
  ///   - environment: variables beside those of the test.
  static func run(
    _ arguments: [String], shell: String? = nil, environment: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = shell == nil ? program : URL(fileURLWithPath: "/bin/sh")
    process.arguments = (shell.map { ["-c", $0, program.path] } ?? []) + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errors = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self),
      String(decoding: errors, as: UTF8.self)
    )
  }

  static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// A WAV file of noise, a second and a half at 16 kHz.
  static func noise(rate: UInt32 = 16_000) -> Data {
    var data = Data()
    func put<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
    data.append(contentsOf: "RIFF".utf8)
    put(UInt32(48_036))
    data.append(contentsOf: "WAVEfmt ".utf8)
    put(UInt32(16))
    put(UInt16(1))
    put(UInt16(1))
    put(rate)
    put(2 * rate)
    put(UInt16(2))
    put(UInt16(16))
    data.append(contentsOf: "data".utf8)
    put(UInt32(48_000))
    var state: UInt32 = 1
    for _ in 0..<24_000 {
      state = state &* 1_664_525 &+ 1_013_904_223
      put(Int16(truncatingIfNeeded: Int32(bitPattern: state) >> 18))
    }
    return data
  }
}
