import HeadraceCompiler

/// What goes wrong with a file, with its name in front.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as RuntimeError {
    throw CompilerError(error.message, at: path)
  } catch let error as CompilerError where error.location != path {
    throw CompilerError("\(error)", at: path)
  }
}
