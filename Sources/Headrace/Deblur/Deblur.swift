import CHeadrace

/// Takes a known blur out of frames. Lies at the beginning of the caller's memory.
struct Deblur: CallerObject {
  static var typeMark: UInt { 0x4445_424c }

  let mark: UInt
  let configuration: DeblurConfiguration
  private let base: UnsafeMutableRawPointer

  static func initialize(
    _ memory: CallerMemory, _ configuration: DeblurConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Deblur> {
    let memory = try memory.checked(needed: configuration.byteCount)
    let count = configuration.kernelWidth * configuration.kernelHeight
    let kernel = configuration.kernel
    let deblur = memory.assumingMemoryBound(to: Deblur.self)
    deblur.initialize(to: Deblur(memory, configuration))
    for index in 0..<count {
      deblur.pointee.weights[index] = kernel[index] / configuration.kernelSum
    }
    chooseFrameKernels(configuration.features, deblur.pointee.kernels)
    return deblur
  }

  private init(_ memory: UnsafeMutableRawPointer, _ configuration: DeblurConfiguration) {
    mark = Self.mark(memory)
    base = memory
    self.configuration = configuration
  }

  private var kernels: UnsafeMutablePointer<hr_kernels> {
    (base + configuration.kernels).assumingMemoryBound(to: hr_kernels.self)
  }
  private func floats(_ place: Int) -> UnsafeMutablePointer<Float> {
    (base + place).assumingMemoryBound(to: Float.self)
  }
  private var weights: UnsafeMutablePointer<Float> { floats(configuration.weights) }

  /// Writes the sharp frame as RGB24. Returns the picture's noise to signal, the mean of its channels'.
  func run(
    _ view: FrameView, to out: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws(Failure) -> Float {
    let (width, height) = (view.width, view.height)
    let picture = (base + configuration.picture).assumingMemoryBound(to: UInt8.self)
    for y in 0..<height {
      view.convert(row: y, count: width, to: picture + 3 &* width &* y, kernels)
    }
    let planes = floats(configuration.planes)
    let line = floats(configuration.line)
    func pixel(_ x: Int, _ y: Int, _ channel: Int) -> Float {
      Float(picture[3 &* (y &* width &+ x) &+ channel]) * (1 / 255)
    }
    func plane(_ index: Int, _ x: Int, _ y: Int) -> Int { (index &* height &+ y) &* width &+ x }
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width { planes[plane(channel, x, y)] = pixel(x, y, channel) }
      }
    }
    let count = configuration.networks == nil ? 3 : DeblurNetworks.planes
    if let networks = configuration.networks {
      try networks.makeFeatures(width, height, line, pixel) { x, y, feature, value in
        planes[plane(3 &+ feature, x, y)] = value
      }
    }
    let noise = deconvolve(planes, count, width, height)
    func write(_ x: Int, _ y: Int, _ channel: Int, _ value: Float) {
      // What is not a number becomes black.
      let code = value > 0 ? min(value * 255 + 0.5, 255) : 0
      out[y &* stride &+ 3 &* x &+ channel] = UInt8(code)
    }
    if let networks = configuration.networks {
      try networks.finish(
        width, height, line,
        { x, y, channel in
          channel < count ? planes[plane(channel, x, y)] : pixel(x, y, channel &- count)
        }, write)
    } else {
      for channel in 0..<3 {
        for y in 0..<height {
          for x in 0..<width { write(x, y, channel, planes[plane(channel, x, y)]) }
        }
      }
    }
    return noise
  }

  /// Takes the blur out of all planes, in place, two at a time.
  private func deconvolve(
    _ planes: UnsafeMutablePointer<Float>, _ count: Int, _ width: Int, _ height: Int
  ) -> Float {
    let weights = weights
    let kernelWidth = configuration.kernelWidth
    let wiener = Wiener(
      width, height, kernelWidth: kernelWidth, kernelHeight: configuration.kernelHeight,
      in: base + configuration.wiener
    ) { x, y in weights[y &* kernelWidth &+ x] }
    var noise: Float = 0
    func ratio(_ index: Int) -> Float {
      let values = planes + index &* width &* height
      let ratio = Wiener.noiseToSignal(width, height) { x, y in values[y &* width &+ x] }
      if index < 3 { noise += ratio / 3 }
      return ratio
    }
    for first in Swift.stride(from: 0, to: count, by: 2) {
      let second = min(first &+ 1, count &- 1)
      let (a, b) = (planes + first &* width &* height, planes + second &* width &* height)
      let ratios = (ratio(first), second > first ? ratio(second) : 1)
      wiener.deconvolve(width, height, ratios: ratios) { x, y in
        (a[y &* width &+ x], second > first ? b[y &* width &+ x] : 0)
      } _: { x, y, values in
        // Far beyond what a picture has, so that the network's numbers are.
        a[y &* width &+ x] = min(max(values.0, -1), 2)
        if second > first { b[y &* width &+ x] = min(max(values.1, -1), 2) }
      }
    }
    return noise
  }
}
