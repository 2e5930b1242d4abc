import CHeadrace

/// An hr_session_config that makes sense.
struct SessionConfiguration {
  let features: UInt32
  /// 1 ... 64; 1 if there is no `parallel`.
  let threads: Int
  let parallel: hr_parallel_for?
  let parallelContext: UnsafeMutableRawPointer?
  let clock: hr_clock?
  let clockContext: UnsafeMutableRawPointer?
  let observer: hr_observer?
  let observerContext: UnsafeMutableRawPointer?

  static func check(threads: UInt32) throws(Failure) {
    guard (1...64).contains(threads) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the number of threads is out of range", remedy: "ask for 1 to 64")
    }
  }

  init(_ config: UnsafePointer<hr_session_config>?) throws(Failure) {
    let config = try hr_session_config.checked(config)
    try Self.check(threads: config.pointee.threads)
    features = config.pointee.cpu_features
    parallel = config.pointee.parallel
    threads = parallel == nil ? 1 : Int(config.pointee.threads)
    parallelContext = config.pointee.parallel_context
    clock = config.pointee.clock
    clockContext = config.pointee.clock_context
    observer = config.pointee.observer
    observerContext = config.pointee.observer_context
  }
}
