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
        headrace inspect head.hrm --board rpi4 --threads 2
      """)

  @Argument(help: "The .hrm file.")
  var model: String

  @Flag(help: "Print one JSON object on one line.")
  var json = false

  @Option(help: "Predict how long each operator takes on a board, as rpi4.")
  var board: String?

  @Option(help: "Threads to predict for, 1 to 64. Default: the board's cores.")
  var threads: Int?

  func validate() throws {
    if let board {
      do { _ = try Board.named(board) } catch let error as CompilerError {
        throw ValidationError(error.message)
      }
    } else if threads != nil {
      throw ValidationError("--threads is for a prediction: add --board")
    }
    if let threads, !(1...64).contains(threads) {
      throw ValidationError("--threads takes 1 to 64, not \(threads)")
    }
  }

  func run() throws {
    var description = try naming(model) { try ModelDescription([UInt8](readFile(model))) }
    if let board {
      description.prediction = Prediction(description, try Board.named(board), threads: threads)
    }
    print(json ? try description.json : description.text, terminator: json ? "\n" : "")
  }
}
