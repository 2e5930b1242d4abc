import ArgumentParser
@preconcurrency import Foundation
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
        headrace evaluate locate --speech sentences/ --array respeaker-4 -o report/

      Exits with 0 on success, 1 on bad input, 2 on wrong usage, and where it was interrupted before it was done with \
      128 and the signal's number: 130 for Ctrl-C. serve goes on until Ctrl-C, and ends with 0 then.
      """,
    version: Compilation.producer,
    subcommands: [
      CompileCommand.self, InspectCommand.self, ServeCommand.self, EvaluateCommand.self,
      SimulateCommand.self,
    ])

  static func main() {
    // A file that grows beyond the limit is an error of write, not the end.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try checkCommand(CommandLine.arguments.dropFirst())
      do {
        var command = try parseAsRoot()
        try command.run()
      } catch let notice where exitCode(for: notice) == .success {
        print(fullMessage(for: notice))  // help, or the version
      }
      // More than a buffer was written as it came, and that may be what failed.
      guard fflush(nil) == 0, ferror(stdout) == 0 else {
        throw CompilerError("the output could not be written")
      }
    } catch let error as CompilerError {
      complain("headrace: error: " + "\(error)".printable)
      Foundation.exit(1)
    } catch {
      // Values of options may be names of files.
      let lines = fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
      complain(lines.map { String($0).printable }.joined(separator: "\n"))
      Foundation.exit(exitCode(for: error) == .validationFailure ? 2 : 1)
    }
  }

  /// What cannot be told is no reason to trap.
  private static func complain(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// ArgumentParser takes no command at all, or --help behind one that does not exist, for a wish for help.
  private static func checkCommand(_ arguments: ArraySlice<String>) throws {
    let asksForHelp = arguments.first == "help"
    var rest = asksForHelp ? arguments.dropFirst() : arguments
    var command: any ParsableCommand.Type = Self.self
    while !command.configuration.subcommands.isEmpty {
      guard let name = rest.popFirst() else {
        guard !asksForHelp else { return }
        complain(helpMessage(for: command))
        Foundation.exit(2)
      }
      if name.hasPrefix("-") { return }
      let named = command.configuration.subcommands.first { $0.configuration.commandName == name }
      guard let named else { throw ValidationError("there is no command \"\(name)\"") }
      command = named
    }
  }
}
