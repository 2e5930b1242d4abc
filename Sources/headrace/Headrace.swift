import ArgumentParser
import Foundation
import HeadraceCompiler

@main
struct Headrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headrace",
    abstract: "Compiles and examines models for the Headrace runtime.",
    discussion: """
      Example:
        headrace compile head.onnx -o head.hrm --type int8 --calibrate photos/
        headrace inspect head.hrm

      Exits with 0 on success, 1 on bad input, 2 on wrong usage.
      """,
    subcommands: [CompileCommand.self, InspectCommand.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as CompilerError {
      FileHandle.standardError.write(Data("headrace: error: \(error)\n".utf8))
      Foundation.exit(1)
    } catch {
      guard exitCode(for: error) != .success else { exit(withError: error) }
      FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
      Foundation.exit(2)
    }
  }
}
