/// How long operators take on a board: the longer of computing and of moving bytes. PREDICTION.md says where
/// each number is from.
struct TimePredictor {
  let board: Board
  let threads: Int
  var kernels = KernelQuality.ours

  /// What kernels make of a core's peak.
  struct KernelQuality {
    var float32: Double
    var int8: Double
    /// int8 where the core multiplies and sums four products in an instruction.
    var int8DotProduct: Double
    var int16: Double

    /// Instructions that multiply, of all that our contractions execute on emulated cores.
    static let ours = KernelQuality(float32: 0.79, int8: 0.75, int8DotProduct: 0.65, int16: 0.56)

    func share(_ type: String, _ processor: Processor) -> Double {
      switch type {
      case "int8": processor.int8 >= 16 ? int8DotProduct : int8
      case "int16": int16
      default: float32
      }
    }
  }

  static let inOrderShare = 0.75
  static let depthwiseShare = 0.2
  static let depthwiseNineShare = 1.3
  /// Products and transforms of F(4x4, 3x3) and F(3x3, 4x4), of the plain convolution's time.
  static let winogradShare = 0.45
  static let memoryShare = 0.4
  static let cacheBytesPerCycle = 8.0
  static let anotherCore = 0.9
  static let startMilliseconds = 0.002

  func milliseconds(_ load: OperatorLoad) -> Double {
    let hertz = board.clockMHz * 1e3
    let cores = 1 + TimePredictor.anotherCore * Double(min(threads, board.threads) - 1)
    let bytes = Double(load.bytes)
    let moving =
      load.bytes > board.processor.cacheBytes
      ? bytes / (board.memoryGigabytesPerSecond * TimePredictor.memoryShare * 1e6)
      : bytes / (TimePredictor.cacheBytesPerCycle * hertz * cores)
    return max(cycles(load) / hertz / cores, moving) + TimePredictor.startMilliseconds
  }

  private func cycles(_ load: OperatorLoad) -> Double {
    let processor = board.processor
    let rate =
      processor.peak(load.type) * kernels.share(load.type, processor)
      * (processor.isInOrder ? TimePredictor.inOrderShare : 1)
    let macs = Double(load.macs)
    return switch load.kind {
    case .contraction: macs / rate
    case .winograd: macs * TimePredictor.winogradShare / rate
    case .depthwiseNine where processor.is64Bit: macs / (rate * TimePredictor.depthwiseNineShare)
    case .depthwise, .depthwiseNine: macs / (rate * TimePredictor.depthwiseShare)
    case .elements(let cycles): Double(load.elements) * cycles
    }
  }
}
