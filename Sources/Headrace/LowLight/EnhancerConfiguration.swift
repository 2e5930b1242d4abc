import CHeadrace

/// An hr_enhancer_config that makes sense, and where an enhancer's parts lie in the caller's memory.
struct EnhancerConfiguration {
  let width: Int
  let height: Int
  let features: UInt32
  let threads: Int
  let parallel: hr_parallel_for?
  let parallelContext: UnsafeMutableRawPointer?
  let clock: hr_clock?
  let clockContext: UnsafeMutableRawPointer?
  let responseMilliseconds: Float
  let network: ToneNetwork
  /// nil: tones are all that is changed.
  let clean: CleanNetwork?

  let kernels: Int
  let progress: Int
  let sums: Int
  let small: Int
  let table: Int
  /// Where the tone network tells local gammas.
  let local: Int
  let rows: Int
  let rowsStride: Int
  /// With a clean network: the frame as RGB24.
  let picture: Int
  let byteCount: Int

  static var defaults: hr_enhancer_config {
    var config = hr_enhancer_config()
    config.struct_size = UInt32(MemoryLayout<hr_enhancer_config>.size)
    config.threads = 1
    config.response_ms = 120
    return config
  }

  init(_ config: UnsafePointer<hr_enhancer_config>?) throws(Failure) {
    let c = try hr_enhancer_config.checked(config).pointee
    _ = try PlaneLayout(format: HR_RGB24, width: c.max_width, height: c.max_height)
    try SessionConfiguration.check(threads: c.threads)
    guard c.response_ms >= 0, c.response_ms <= 10_000 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the enhancer's response is out of range",
        remedy: "ask for 0 to 10,000 ms")
    }
    width = Int(c.max_width)
    height = Int(c.max_height)
    features = c.cpu_features
    parallel = c.parallel
    threads = c.parallel == nil ? 1 : Int(c.threads)
    parallelContext = c.parallel_context
    (clock, clockContext) = (c.clock, c.clock_context)
    responseMilliseconds = c.response_ms
    network = try ToneNetwork(c.tone)
    var clean: CleanNetwork?
    if let handle = c.clean { clean = try CleanNetwork(handle) }
    self.clean = clean
    guard clean != nil || !network.tellsLocalGammas else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the tone model tells local gammas, and there is no clean model",
        remedy: "set clean to a session of the same tier's clean model")
    }

    var end = 0
    func take(_ bytes: Int) -> Int {
      defer { end = (end + bytes + 63) & ~63 }
      return end
    }
    _ = take(MemoryLayout<Enhancer>.size)
    kernels = take(MemoryLayout<hr_kernels>.size)
    progress = take(PartProgress.byteCount + MemoryLayout<EnhancerWork>.size)
    sums = take(ToneSummary.byteCount)
    small = take(4 * ToneSummary.inputCount)
    table = take(ToneTable.byteCount)
    local = take(network.tellsLocalGammas ? LocalGamma.byteCount : 0)
    rowsStride = max(
      ToneRows.byteCount(width), clean.map { ToneTile.byteCount($0.width) } ?? 0)
    rows = take(rowsStride * threads)
    picture = take(clean == nil ? 0 : 3 * width * height)
    byteCount = end
  }
}
