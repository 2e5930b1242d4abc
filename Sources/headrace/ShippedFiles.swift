import Foundation

/// Files that come with the program: in share/headrace beside its folder, where `headrace-demo` looks too, or
/// in folders that the environment names.
enum ShippedFiles: String {
  case models
  /// Scripts in Python that `headrace evaluate` runs.
  case evaluate

  private var variable: String {
    switch self {
    case .models: "HEADRACE_MODELS"
    case .evaluate: "HEADRACE_EVALUATE"
    }
  }

  func path(_ name: String) -> String {
    if let folder = ProcessInfo.processInfo.environment[variable], !folder.isEmpty {
      return folder + "/" + name
    }
    // The first argument need not be a path.
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: program).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("share/headrace/\(rawValue)/\(name)").path
  }
}
