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
      guard fflush(nil) == 0 else { throw CompilerError("the output could not be written") }
    } catch let error as CompilerError {
      FileHandle.standardError.write(Data("headrace: error: \(printable("\(error)"))\n".utf8))
      Foundation.exit(1)
    } catch {
      let code = exitCode(for: error)
      guard code != .success else { exit(withError: error) }
      FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
      Foundation.exit(code == .validationFailure ? 2 : 1)
    }
  }

  /// Names come out of untrusted files: control characters must not reach a terminal.
  private static func printable(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      line +=
        scalar.properties.generalCategory == .control
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }
}
