import ArgumentParser
import Foundation
import HeadraceCompiler

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Verifies a model and shows its operators, shapes, memory and cost.",
    discussion: """
      Example:
        headrace inspect head.hrm
        headrace inspect head.hrm --json
      """)

  @Argument(help: "The .hrm file.")
  var model: String

  @Flag(help: "Print one JSON object on one line.")
  var json = false

  func run() throws {
    let description: ModelDescription
    do {
      description = try ModelDescription([UInt8](readFile(model)))
    } catch let error as CompilerError where error.location == nil {
      throw CompilerError(error.message, at: model)
    }
    print(json ? try description.json : description.text, terminator: json ? "\n" : "")
  }
}
