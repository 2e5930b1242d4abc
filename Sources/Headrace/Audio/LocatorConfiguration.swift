import CHeadrace

/// An hr_locator_config that makes sense.
struct LocatorConfiguration {
  let method: hr_locate_method
  let arithmetic: hr_arithmetic
  /// Of HR_LOCATE_NETWORK alone.
  let network: DirectionNetwork?
  /// Of HR_LOCATE_SAMPLES alone.
  let samples: SampleNetwork?
  let azimuths: Int
  let elevations: Int
  let low: Float
  let high: Float
  let windowMilliseconds: Int
  let periodMilliseconds: Int
  let maxDirections: Int
  let tellsDelays: Bool
  let handler: hr_location_handler?
  let handlerContext: UnsafeMutableRawPointer?

  var weighsOnsets: Bool { method != HR_LOCATE_WIDEBAND_MUSIC }
  /// Slower covariances vote too.
  var votesSlowly: Bool { weighsOnsets && method != HR_LOCATE_SRP_PHAT }

  /// How far a talker stands out of what a single source in silence would: reverberation and sensors' noise
  /// leave 0.1 to 0.3 of MUSIC's sharp peaks, half as much of a beam's and of those that every bin votes for.
  @inline(never)
  var full: Float {
    method == HR_LOCATE_SRP_PHAT || method == HR_LOCATE_WIDEBAND_MUSIC
      ? 0.125 : 0.33
  }

  /// Which part of that energy is told. Noise from around the horizon leaves of a beam's peaks nearly half as much as
  /// talkers do, and a network finds some probability near a direction of a hum that all channels have: neither is to
  /// make a track.
  @inline(never)
  var confidence: Float {
    switch method {
    case HR_LOCATE_SRP_PHAT: 0.57
    case HR_LOCATE_NETWORK: 0.85
    default: 1
    }
  }

  static var defaults: hr_locator_config {
    var config = hr_locator_config()
    config.struct_size = UInt32(MemoryLayout<hr_locator_config>.size)
    config.method = HR_LOCATE_MUSIC
    config.arithmetic = HR_ARITHMETIC_FLOAT
    config.azimuths = 180
    config.elevations = 1
    config.low_hz = 300
    config.high_hz = 7000
    config.window_ms = 250
    config.period_ms = 64
    config.max_directions = 2
    return config
  }

  init(_ config: UnsafePointer<hr_locator_config>?, _ array: MicrophoneArray) throws(Failure) {
    let c = try hr_locator_config.checked(config).pointee
    let isFixed = c.arithmetic == HR_ARITHMETIC_FIXED
    guard (HR_LOCATE_MUSIC.rawValue...HR_LOCATE_SAMPLES.rawValue).contains(c.method.rawValue)
    else {
      throw Failure(HR_INVALID_ARGUMENT, "the locator's method is none of hr_locate_method")
    }
    guard c.arithmetic == HR_ARITHMETIC_FLOAT || isFixed else {
      throw Failure(HR_INVALID_ARGUMENT, "the locator's arithmetic is none of hr_arithmetic")
    }
    guard (24...360).contains(c.azimuths), (1...18).contains(c.elevations) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's directions are out of range",
        remedy: "ask for 24 to 360 azimuths and 1 to 18 elevations")
    }
    guard c.low_hz >= 0, c.high_hz <= 96_000,
      min(c.high_hz, Float(array.sampleRate) / 2) - c.low_hz >= 500
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's band is empty or beyond half the sampling rate",
        remedy: "leave at least 500 Hz between low_hz and the lesser of high_hz and half the rate")
    }
    guard c.window_ms <= 60_000, (8...10_000).contains(c.period_ms),
      (1...UInt32(HR_MAX_DIRECTIONS)).contains(c.max_directions)
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's window, period or number of directions is out of range",
        remedy: "see hr_locator_config")
    }
    method = c.method
    arithmetic = c.arithmetic
    samples =
      c.method == HR_LOCATE_SAMPLES
      ? try SampleNetwork(c.samples, c.judge, array, isFixed: isFixed) : nil
    network =
      c.method == HR_LOCATE_NETWORK ? try DirectionNetwork(c.network, isFixed: isFixed) : nil
    // A network is made for its own directions and frequencies.
    azimuths = network?.directions ?? Int(c.azimuths)
    elevations = network == nil && samples == nil ? Int(c.elevations) : 1
    low = network == nil ? c.low_hz : EvidenceShape.low
    high = network == nil ? c.high_hz : EvidenceShape.high
    windowMilliseconds = Int(c.window_ms)
    periodMilliseconds = Int(c.period_ms)
    maxDirections = Int(c.max_directions)
    tellsDelays = c.delays != 0
    handler = c.handler
    handlerContext = c.handler_context
  }
}
