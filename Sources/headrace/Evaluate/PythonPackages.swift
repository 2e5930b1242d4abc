/// What an evaluation's scripts import, and how to do without.
struct PythonPackages {
  /// The file that pins them.
  let requirements: String
  /// Options of the command that ask for no script.
  let without: String
  /// What their installation may lack besides the network, if anything.
  let prerequisites: String?

  /// What to do instead of having them.
  var alternative: String {
    "name an interpreter that has them with --python, or say \(without)"
  }
}
