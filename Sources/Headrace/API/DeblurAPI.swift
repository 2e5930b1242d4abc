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
  report(to: error) { () throws(Failure) in
    guard let out else { throw .invalidArgument("there is no place for the deblurrer's handle") }
    out.pointee = nil
    let configuration = try DeblurConfiguration(config)
    guard let memory, memory_bytes >= 0, let kernel = config?.pointee.kernel else {
      throw .invalidArgument("the deblurrer's memory is NULL, or larger than memory can be")
    }
    out.pointee = OpaquePointer(
      try Deblur.initialize(
        memory, byteCount: memory_bytes, configuration, kernel: kernel))
  }
}

@c @implementation
public func hr_deblur_run(
  _ deblur: OpaquePointer?, _ frame: UnsafePointer<hr_frame>?, _ out: UnsafeMutablePointer<UInt8>?,
  _ out_stride: Int, _ noise_to_signal: UnsafeMutablePointer<Float>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let deblur else { throw .invalidArgument("the deblurrer is NULL") }
    guard let deblur = Deblur.at(deblur) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "this is no deblurrer",
        remedy: "pass what hr_deblur_init returned, at the place where it was set up")
    }
    guard let frame, let out else { throw .invalidArgument("frame or out is NULL") }
    let view = try FrameView(checking: frame.pointee)
    let configuration = deblur.pointee.configuration
    guard view.width <= configuration.width, view.height <= configuration.height else {
      throw Failure(
        HR_BAD_FRAME, "the frame is larger than the deblurrer was made for",
        remedy: "raise max_width and max_height")
    }
    try view.check(outStride: out_stride)
    let noise = try deblur.pointee.run(view, to: out, stride: out_stride)
    noise_to_signal?.pointee = noise
  }
}
