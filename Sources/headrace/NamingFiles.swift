import HeadraceCompiler

/// What the runtime says about a file, with the file's name in front.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as RuntimeError {
    throw CompilerError(error.message, at: path)
  }
}
