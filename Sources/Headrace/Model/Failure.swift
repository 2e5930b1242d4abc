import CHeadrace

/// Why a call failed: what hr_error tells a C caller.
///
/// Four words on a 64-bit CPU, which functions return in registers: the many checks of a model then take
/// a few instructions each, not dozens. That is why texts are kept as distances from one of them.
///
/// Not an enum: an Embedded Swift enum that conforms to Error brings in hashing and a random source.
struct Failure: Error {
  private let messageDistance: Int32
  private let remedyDistance: Int32
  var operatorIndex: UInt32 = HRM_NONE
  private let statusCode: UInt8
  private var detail = Detail.none
  private var unitCode = Unit.bytes
  private var first: UInt64 = 0
  private var second: UInt64 = 0

  /// What `first` and `second` hold.
  private enum Detail {
    case none, tensor, byte, amounts
  }

  /// What `needed` and `available` count.
  enum Unit {
    case bytes, pixels, rate

    var text: StaticString {
      switch self {
      case .bytes: "bytes"
      case .pixels: "pixels"
      case .rate: "as rate"
      }
    }
  }

  /// - Parameters:
  ///   - message: what is wrong, in ASCII, without a full stop.
  ///   - remedy: what to do about it; empty: what `ErrorReport` says for this status.
  @inline(never)
  init(_ status: hr_status, _ message: StaticString, remedy: StaticString = "") {
    messageDistance = Self.distance(message)
    remedyDistance = Self.distance(remedy)
    statusCode = UInt8(truncatingIfNeeded: status.rawValue)
  }

  /// Too little of something: both figures are told.
  init(
    _ status: hr_status, _ message: StaticString, remedy: StaticString = "", needed: UInt64,
    available: UInt64, unit: Unit = .bytes
  ) {
    self.init(status, message, remedy: remedy)
    self.tell(needed: needed, available: available, unit)
  }

  var status: hr_status { hr_status(rawValue: UInt32(statusCode)) }
  var message: UnsafePointer<UInt8> { Self.origin + Int(messageDistance) }
  var remedy: UnsafePointer<UInt8> { Self.origin + Int(remedyDistance) }
  var unit: StaticString { unitCode.text }
  var needed: UInt64 { detail == .amounts ? first : 0 }
  var available: UInt64 { detail == .amounts ? second : 0 }
  var byteOffset: UInt64 { detail == .byte ? first : 0 }
  var tensorIndex: UInt32 {
    detail == .tensor ? UInt32(truncatingIfNeeded: first) : HRM_NONE
  }

  mutating func tell(needed: UInt64, available: UInt64, _ unit: Unit = .bytes) {
    detail = .amounts
    first = needed
    second = available
    unitCode = unit
  }

  mutating func tell(tensor: UInt32) {
    detail = .tensor
    first = UInt64(tensor)
  }

  mutating func tell(byteOffset: UInt64) {
    detail = .byte
    first = byteOffset
  }

  /// The text that distances are counted from; out of line, so that there is one.
  @inline(never)
  private static var origin: UnsafePointer<UInt8> {
    let text: StaticString = "bytes"
    return text.utf8Start
  }

  private static func distance(_ text: StaticString) -> Int32 {
    Int32(truncatingIfNeeded: text.utf8Start - origin)
  }
}

extension Failure {
  /// A damaged or hostile model; `message` says what is wrong, the API adds what to do.
  static func badModel(_ message: StaticString) -> Failure { Failure(HR_BAD_MODEL, message) }

  static func badModel(_ message: StaticString, tensor: UInt32) -> Failure {
    var failure = Failure.badModel(message)
    failure.tell(tensor: tensor)
    return failure
  }

  static var unknownOperator: Failure {
    Failure(HR_UNSUPPORTED_OPERATOR, "unknown operator code")
  }

  static func invalidArgument(_ message: StaticString) -> Failure {
    Failure(HR_INVALID_ARGUMENT, message)
  }
}
