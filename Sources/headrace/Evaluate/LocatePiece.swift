import CHeadrace
import HeadraceCompiler

/// Asks the library where a piece of sound comes from.
struct LocatePiece {
  /// Metres, one for each channel.
  let microphones: [[Double]]
  let method: LocateMethod
  /// Of the methods that are networks.
  var network: NetworkSession?
  var sampling: (network: NetworkSession, judge: NetworkSession)?

  /// Whether the method is for these microphones.
  var fits: Bool {
    do {
      _ = try azimuth([])
      return true
    } catch {
      return false
    }
  }

  /// The azimuth of the last answer, in degrees from x towards y; nil if there is none.
  /// - Parameter samples: [frame][channel], at 16 kHz.
  func azimuth(_ samples: ArraySlice<Float>) throws -> Double? {
    var array = array
    var config = hr_locator_config()
    hr_locator_config_init(&config)
    config.method = method.code
    config.network = network?.session
    config.samples = sampling?.network.session
    config.judge = sampling?.judge.session
    config.period_ms = method.period(window: samples.count / microphones.count / 16)
    config.max_directions = 1
    // The longest: all of the piece counts in the last answer.
    config.window_ms = 60_000
    let answer = LastAnswer()
    config.handler = { context, location in
      Unmanaged<LastAnswer>.fromOpaque(context!).takeUnretainedValue().note(location!.pointee)
    }
    config.handler_context = Unmanaged.passUnretained(answer).toOpaque()
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: hr_locator_bytes(&array, &config), alignment: 64)
    defer { memory.deallocate() }
    var locator: OpaquePointer?
    try RuntimeError.check {
      hr_locator_init(&locator, memory.baseAddress, memory.count, &array, &config, $0)
    }
    try withExtendedLifetime((answer, network, sampling)) {
      try samples.withUnsafeBufferPointer { samples in
        try RuntimeError.check {
          hr_locator_process(
            locator, samples.baseAddress, HR_F32, samples.count / microphones.count, $0)
        }
      }
    }
    return answer.azimuth
  }

  private var array: hr_array {
    var array = hr_array()
    array.struct_size = UInt32(MemoryLayout<hr_array>.size)
    array.microphone_count = UInt32(microphones.count)
    array.channel_count = UInt32(microphones.count)
    array.sample_rate = 16_000
    withUnsafeMutableBytes(of: &array.positions) { raw in
      for (index, value) in microphones.joined().enumerated() {
        raw.storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
      }
    }
    withUnsafeMutableBytes(of: &array.channels) { raw in
      for index in microphones.indices {
        raw.storeBytes(of: UInt32(index), toByteOffset: 4 * index, as: UInt32.self)
      }
    }
    return array
  }

  private final class LastAnswer {
    private(set) var azimuth: Double?

    func note(_ location: hr_location) {
      if location.direction_count > 0 { azimuth = Double(location.directions.0.azimuth) }
    }
  }
}
