// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_deblur_config_init(_ config: UnsafeMutablePointer<hr_deblur_config>?) {
  config?.initialize(to: DeblurConfiguration.defaults)
}

@c @implementation
public func hr_deblur_bytes(_ config: UnsafePointer<hr_deblur_config>?) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    bytes = try DeblurConfiguration(config).byteCount
  }
  return bytes
}

@c @implementation
public func hr_deblur_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ config: UnsafePointer<hr_deblur_config>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  initialize(out, error) { () throws(Failure) in
    UnsafeMutableRawPointer(
      try Deblur.initialize(CallerMemory(memory, memory_bytes), DeblurConfiguration(config)))
  }
}

@c @implementation
public func hr_deblur_run(
  _ deblur: OpaquePointer?, _ frame: UnsafePointer<hr_frame>?, _ out: UnsafeMutablePointer<UInt8>?,
  _ out_stride: Int, _ noise_to_signal: UnsafeMutablePointer<Float>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let deblur = try Deblur.at(deblur)
    guard let frame, let out else { throw .invalidArgument("frame or out is NULL") }
    let view = try FrameView(checking: frame.pointee)
    let configuration = deblur.pointee.configuration
    try view.check(atMost: configuration.width, configuration.height, outStride: out_stride)
    let noise = try deblur.pointee.run(view, to: out, stride: out_stride)
    noise_to_signal?.pointee = noise
  }
}
