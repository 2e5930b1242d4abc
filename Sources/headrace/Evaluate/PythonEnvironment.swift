import Foundation
import HeadraceCompiler

/// An interpreter that has the packages which scripts of `headrace evaluate` use.
struct PythonEnvironment {
  let interpreter: String

  /// The caller's own, a path or the name of a program.
  init(_ name: String, packages: PythonPackages) throws {
    interpreter = name.contains("/") ? name : Self.search(name) ?? name
    let check = """
      import sys
      from importlib import metadata
      for line in open(sys.argv[1]):
          name = line.split("#")[0].split("==")[0].strip()
          try:
              name and metadata.version(name)
          except metadata.PackageNotFoundError:
              sys.exit(name)
      """
    do {
      try ChildProgram.run(interpreter, ["-I", "-c", check, packages.requirements])
    } catch let failure as ChildProgram.Failure {
      throw CompilerError(
        "lacks what the evaluation uses (\(failure.summary)); run \(interpreter) -m pip install -r"
          + " \(packages.requirements)", at: interpreter)
    }
  }

  /// A virtual environment in the user's cache, made at its first use.
  init(packages: PythonPackages, _ progress: ProgressLine) throws {
    let requirements = packages.requirements
    let pins = [UInt8](try readFile(requirements))
    let folder = Self.cache + "/headrace/python-" + checksum(pins)
    interpreter = folder + "/bin/python"
    _ = try OutputFolder(folder)
    // Others who make the same one at the same time wait for it.
    let lock = open(folder + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw CompilerError("cannot be locked: \(String(cString: strerror(errno)))", at: folder)
    }
    defer { close(lock) }
    // Written last: an installation that was broken off is begun anew.
    guard !FileManager.default.fileExists(atPath: folder + "/complete") else { return }
    guard let python = Self.search("python3") else {
      throw CompilerError(
        "there is no python3; install Python 3.11 or newer, or \(packages.alternative)")
    }
    progress.say("making a Python environment in \(folder), once; this takes minutes")
    do {
      try ChildProgram.run(python, ["-m", "venv", "--clear", folder])
    } catch is ChildProgram.Failure {
      throw CompilerError(
        "\(python) cannot make a virtual environment; install python3-venv, or"
          + " \(packages.alternative)")
    }
    do {
      let words = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
      try ChildProgram.run(interpreter, words + ["-r", requirements]) { line in
        let words = line.split(separator: " ")
        if words.count > 1, words[0] == "Collecting" { progress.say("pip: \(words[1])") }
        if words.first == "Building" || words.first == "Installing" {
          progress.say("pip: " + words.prefix(4).joined(separator: " "))
        }
      }
    } catch let failure as ChildProgram.Failure {
      throw CompilerError(
        "pip could not install the packages of \(requirements): \(failure.summary); check the network"
          + "\(packages.prerequisites.map { ", and that \($0)" } ?? ""); or \(packages.alternative)"
      )
    }
    try OutputFolder(folder).write(Data(), "complete")
  }

  /// Runs a script that came with the program.
  func run(_ script: String, _ arguments: [String], line: (String) throws -> Void = { _ in }) throws
  {
    do {
      try ChildProgram.run(interpreter, ["-I", script] + arguments, line: line)
    } catch let failure as ChildProgram.Failure {
      let name = URL(fileURLWithPath: script).lastPathComponent
      throw CompilerError("\(name): \(failure.lines.last ?? failure.summary)")
    }
  }

  private static var cache: String {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.cache"
  }

  private static func search(_ program: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(program)" }.first(
      where: FileManager.default.isExecutableFile(atPath:))
  }
}
