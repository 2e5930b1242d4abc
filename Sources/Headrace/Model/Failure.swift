import CHeadrace

/// Why a call failed: what hr_error tells a C caller.
///
/// Not an enum: an Embedded Swift enum that conforms to Error brings in hashing and a random source.
struct Failure: Error {
  var status: hr_status
  var message: StaticString
  var operatorIndex: UInt32 = HRM_NONE
  var tensorIndex: UInt32 = HRM_NONE
  var byteOffset: UInt64 = 0
  var needed: UInt64 = 0
  var available: UInt64 = 0

  init(_ status: hr_status, _ message: StaticString) {
    self.status = status
    self.message = message
  }

  /// A damaged or hostile model; `message` says what is wrong, the API adds what to do.
  static func badModel(_ message: StaticString) -> Failure { Failure(HR_BAD_MODEL, message) }
}
