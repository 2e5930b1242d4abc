/// "1 thread", "2 threads".
///
/// - Parameter more: of what has another plural than with an s.
public func counted(_ number: some BinaryInteger, _ one: String, _ more: String? = nil) -> String {
  "\(number) " + (number == 1 ? one : more ?? one + "s")
}
