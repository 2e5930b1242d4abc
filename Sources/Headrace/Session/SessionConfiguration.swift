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

  static var threadLimit: UInt32 { 64 }

  init(_ config: UnsafePointer<hr_session_config>?) throws(Failure) {
    guard
      let config, Int(clamping: config.pointee.struct_size) >= MemoryLayout<hr_session_config>.size
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session's configuration is NULL or has no size",
        remedy: "call hr_session_config_init first")
    }
    guard (1...Self.threadLimit).contains(config.pointee.threads) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the number of threads is out of range", remedy: "ask for 1 to 64",
        needed: UInt64(config.pointee.threads), available: UInt64(Self.threadLimit),
        unit: .threads)
    }
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
