import CHeadrace

/// Why a call failed: what hr_error tells a C caller.
///
/// Not an enum: an Embedded Swift enum that conforms to Error brings in hashing and a random source.
struct Failure: Error {
  var status: hr_status
  /// What is wrong, in ASCII, without a full stop.
  var message: StaticString
  /// What to do about it; empty: what `ErrorReport` says for this status.
  var remedy: StaticString
  /// What `needed` and `available` count.
  var unit: StaticString = "bytes"
  var operatorIndex: UInt32 = HRM_NONE
  var tensorIndex: UInt32 = HRM_NONE
  var byteOffset: UInt64 = 0
  var needed: UInt64 = 0
  var available: UInt64 = 0

  init(_ status: hr_status, _ message: StaticString, remedy: StaticString = "") {
    self.status = status
    self.message = message
    self.remedy = remedy
  }

  /// Too little of something: both figures are told.
  init(
    _ status: hr_status, _ message: StaticString, remedy: StaticString = "", needed: UInt64,
    available: UInt64, unit: StaticString = "bytes"
  ) {
    self.init(status, message, remedy: remedy)
    self.needed = needed
    self.available = available
    self.unit = unit
  }

  /// A damaged or hostile model; `message` says what is wrong, the API adds what to do.
  static func badModel(_ message: StaticString) -> Failure { Failure(HR_BAD_MODEL, message) }

  static func badModel(_ message: StaticString, tensor: UInt32) -> Failure {
    var failure = Failure.badModel(message)
    failure.tensorIndex = tensor
    return failure
  }

  static var unknownOperator: Failure {
    Failure(HR_UNSUPPORTED_OPERATOR, "unknown operator code")
  }

  static func invalidArgument(_ message: StaticString) -> Failure {
    Failure(HR_INVALID_ARGUMENT, message)
  }
}
