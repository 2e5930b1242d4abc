// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_array_named(
  _ out: UnsafeMutablePointer<hr_array>?, _ name: UnsafePointer<CChar>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let out, let name else { throw .invalidArgument("out or name is NULL") }
    guard let preset = ArrayPreset.named(name) else {
      throw Failure(
        HR_NOT_FOUND, "there is no array of this name",
        remedy:
          "known are respeaker-4, respeaker-usb, respeaker-6, matrix-voice, matrix-creator, uma-8")
    }
    out.initialize(to: preset.array)
  }
}

@c @implementation
public func hr_array_name(_ index: UInt32) -> UnsafePointer<CChar>? {
  ArrayPreset(rawValue: Int(index))?.name.cString
}

@c @implementation
public func hr_locator_config_init(_ config: UnsafeMutablePointer<hr_locator_config>?) {
  config?.initialize(to: LocatorConfiguration.defaults)
}

@c @implementation
public func hr_locator_bytes(
  _ array: UnsafePointer<hr_array>?, _ config: UnsafePointer<hr_locator_config>?
) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    let array = try MicrophoneArray(array)
    bytes = LocatorLayout(array, try LocatorConfiguration(config, array)).byteCount
  }
  return bytes
}

@c @implementation
public func hr_locator_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ array: UnsafePointer<hr_array>?,
  _ config: UnsafePointer<hr_locator_config>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  initialize(out, error) { () throws(Failure) in
    // First what hr_locator_bytes found wrong without a message.
    let array = try MicrophoneArray(array)
    let configuration = try LocatorConfiguration(config, array)
    let memory = CallerMemory(memory, memory_bytes)
    return configuration.arithmetic == HR_ARITHMETIC_FIXED
      ? UnsafeMutableRawPointer(try Locator<Q31>.initialize(memory, array, configuration))
      : UnsafeMutableRawPointer(try Locator<Float>.initialize(memory, array, configuration))
  }
}

@c @implementation
public func hr_locator_process(
  _ locator: OpaquePointer?, _ samples: UnsafeRawPointer?, _ format: hr_sample_format,
  _ frames: Int, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    if Locator<Q31>.isAt(locator) {
      try Locator<Q31>.at(locator).pointee.process(samples, format, frames)
    } else {
      try Locator<Float>.at(locator).pointee.process(samples, format, frames)
    }
  }
}

extension Locator {
  fileprivate mutating func process(
    _ samples: UnsafeRawPointer?, _ format: hr_sample_format, _ frames: Int
  ) throws(Failure) {
    guard frames != 0 else { return }
    guard let samples, frames > 0 else { throw .invalidArgument("the samples are NULL") }
    try process(try AudioSamples(samples, format), frames)
  }
}
