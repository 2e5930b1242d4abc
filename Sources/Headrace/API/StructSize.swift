import CHeadrace

/// A public struct whose first field is its size in the program that calls.
protocol Versioned {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  var struct_size: UInt32 { get set }
}

extension hr_requirements: Versioned {}
extension hr_tensor: Versioned {}
extension hr_operator_profile: Versioned {}
extension hr_packet_info: Versioned {}
extension hr_answer: Versioned {}
extension hr_split_result: Versioned {}

extension Versioned {
  /// Writes this to a caller's struct, which may be larger, of a newer header: then what this library
  /// does not know stays as it is.
  func write(to out: UnsafeMutablePointer<Self>?) throws(Failure) {
    guard let out, Int(clamping: out.pointee.struct_size) >= MemoryLayout<Self>.size else {
      throw Failure(
        HR_INVALID_ARGUMENT, "a result's struct is NULL or too small",
        remedy: "set its struct_size to its sizeof")
    }
    var value = self
    value.struct_size = out.pointee.struct_size
    out.pointee = value
  }
}
