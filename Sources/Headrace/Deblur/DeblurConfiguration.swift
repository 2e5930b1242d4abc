import CHeadrace

/// An hr_deblur_config that makes sense, and where a deblurrer's parts lie in the caller's memory.
struct DeblurConfiguration {
  /// Rows and columns of a kernel, at most.
  static var largestKernel: Int { 63 }

  let width: Int
  let height: Int
  let features: UInt32
  /// The caller's, which is copied while the deblurrer is set up.
  let kernel: UnsafePointer<Float>
  let kernelSum: Float
  let kernelWidth: Int
  let kernelHeight: Int
  let networks: DeblurNetworks?

  let kernels: Int
  /// [kernelHeight][kernelWidth], of the sum 1.
  let weights: Int
  let picture: Int
  let planes: Int
  let wiener: Int
  let line: Int
  let byteCount: Int

  static var defaults: hr_deblur_config {
    var config = hr_deblur_config()
    config.struct_size = UInt32(MemoryLayout<hr_deblur_config>.size)
    return config
  }

  init(_ config: UnsafePointer<hr_deblur_config>?) throws(Failure) {
    let c = try hr_deblur_config.checked(config).pointee
    _ = try PlaneLayout(format: HR_RGB24, width: c.max_width, height: c.max_height)
    (width, height) = (Int(c.max_width), Int(c.max_height))
    guard width <= Self.largestSide, height <= Self.largestSide else {
      throw Failure(
        HR_INVALID_ARGUMENT, "frames are too large to take a blur out of",
        remedy: "scale them down", needed: UInt64(max(width, height)),
        available: UInt64(Self.largestSide), unit: .pixels)
    }
    features = c.cpu_features
    let sides = UInt32(1)...UInt32(Self.largestKernel)
    guard sides.contains(c.kernel_width), sides.contains(c.kernel_height),
      c.kernel_width % 2 == 1, c.kernel_height % 2 == 1
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the blur kernel's sides are out of range",
        remedy: "make both odd, from 1 to 63")
    }
    (kernelWidth, kernelHeight) = (Int(c.kernel_width), Int(c.kernel_height))
    guard let kernel = c.kernel else { throw .invalidArgument("the blur kernel is NULL") }
    self.kernel = kernel
    kernelSum = try Self.sum(kernel, kernelWidth * kernelHeight)
    networks = try DeblurNetworks(features: c.features, clean: c.clean)

    // Large frames take more than 32 bits count.
    var end: UInt64 = 0
    func take(_ bytes: Int, _ count: Int = 1) -> Int {
      defer { end = (end + UInt64(bytes) * UInt64(count) + 63) & ~63 }
      return Int(truncatingIfNeeded: end)
    }
    _ = take(MemoryLayout<Deblur>.size)
    kernels = take(MemoryLayout<hr_kernels>.size)
    weights = take(4 * kernelWidth * kernelHeight)
    picture = take(3 * width * height)
    planes = take(4 * (networks == nil ? 3 : DeblurNetworks.planes), width * height)
    wiener = take(Wiener.byteCount(width, height))
    line = take(networks.map { $0.lineBytes } ?? 0)
    guard let byteCount = Int(exactly: end) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "frames are too large for the addresses of this CPU",
        remedy: "scale them down", needed: end, available: UInt64(Int.max), unit: .bytes)
    }
    self.byteCount = byteCount
  }

  private static var largestSide: Int { 8192 }

  /// Of a kernel's weights, which say how light was spread: none is below nought.
  private static func sum(_ kernel: UnsafePointer<Float>, _ count: Int) throws(Failure) -> Float {
    var sum: Float = 0
    for index in 0..<count {
      guard kernel[index] >= 0, kernel[index] <= 1e6 else {
        throw Failure(
          HR_INVALID_ARGUMENT, "a weight of the blur kernel is negative, huge or no number",
          remedy: "give weights from 0 to a million; their sum need not be one")
      }
      sum += kernel[index]
    }
    guard sum > 1e-6 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the blur kernel is all zero",
        remedy: "give a 1x1 kernel of 1 where nothing is blurred")
    }
    return sum
  }
}
