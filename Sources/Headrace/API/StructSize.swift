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
extension hr_session_config: Versioned {}
extension hr_locator_config: Versioned {}
extension hr_enhancer_config: Versioned {}
extension hr_deblur_config: Versioned {}

extension Versioned {
  /// Writes this to a caller's struct, which may be larger, of a newer header: then what this library
  /// does not know stays as it is.
  func write(to out: UnsafeMutablePointer<Self>?) throws(Failure) {
    try withUnsafePointer(to: self) { (value) throws(Failure) in
      try copy(value, to: out, MemoryLayout<Self>.size)
    }
  }

  /// A caller's configuration, if it has the size that this library reads.
  static func checked(_ config: UnsafePointer<Self>?) throws(Failure) -> UnsafePointer<Self> {
    try configuration(config, MemoryLayout<Self>.size).assumingMemoryBound(to: Self.self)
  }
}

private func hasSize(_ start: UnsafeRawPointer, _ size: Int) -> Bool {
  Int(clamping: start.load(as: UInt32.self)) >= size
}

@inline(never)
private func copy(
  _ value: UnsafeRawPointer, to out: UnsafeMutableRawPointer?, _ size: Int
) throws(Failure) {
  guard let out, hasSize(out, size) else {
    throw Failure(
      HR_INVALID_ARGUMENT, "a result's struct is NULL or too small",
      remedy: "set its struct_size to its sizeof")
  }
  let field = MemoryLayout<UInt32>.size
  (out + field).copyMemory(from: value + field, byteCount: size - field)
}

@inline(never)
private func configuration(
  _ config: UnsafeRawPointer?, _ size: Int
) throws(Failure) -> UnsafeRawPointer {
  guard let config, hasSize(config, size) else {
    throw Failure(
      HR_INVALID_ARGUMENT, "the configuration is NULL or has no size",
      remedy: "call its hr_..._config_init first")
  }
  return config
}
