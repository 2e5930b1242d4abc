import Foundation
import HeadraceCompiler

/// A line of JSON that a script printed.
func scriptAnswer<Value: Decodable>(
  _ type: Value.Type, _ line: String, from script: String
) throws -> Value {
  do { return try JSONDecoder().decode(type, from: Data(line.utf8)) } catch {
    throw CompilerError("\(script) wrote what is no answer: \(line.prefix(200))")
  }
}
