import ArgumentParser

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures how good results are, beside those of other software on the same data.",
    discussion: """
      Example:
        headrace evaluate locate --speech sentences/ --array respeaker-4 -o report/
        headrace evaluate enhance LOL/eval15 -o report/
        headrace evaluate split GroceryStoreDataset/dataset -o report/
      """,
    subcommands: [
      EvaluateLocateCommand.self, EvaluateEnhanceCommand.self, EvaluateSplitCommand.self,
    ])
}
