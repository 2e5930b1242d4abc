import ArgumentParser

@main
struct Headrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headrace", abstract: "Compiles and examines models for the Headrace runtime.")
}
