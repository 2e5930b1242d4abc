import CHeadrace

/// Nanoseconds that the steps of an enhancement took, by the caller's clock.
struct EnhancerTimes {
  var prepare: UInt64 = 0
  var network: UInt64 = 0
  var finish: UInt64 = 0

  private let clock: hr_clock?
  private let context: UnsafeMutableRawPointer?
  private var last: UInt64

  /// Begins now; without a clock all stay 0.
  init(_ clock: hr_clock?, _ context: UnsafeMutableRawPointer?) {
    (self.clock, self.context) = (clock, context)
    last = clock.map { $0(context) } ?? 0
  }

  /// Nanoseconds since the step before ended.
  mutating func lap() -> UInt64 {
    guard let clock else { return 0 }
    let now = clock(context)
    defer { last = now }
    return now &- last
  }
}
