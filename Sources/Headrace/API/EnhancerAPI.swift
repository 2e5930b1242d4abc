// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_enhancer_config_init(_ config: UnsafeMutablePointer<hr_enhancer_config>?) {
  config?.initialize(to: EnhancerConfiguration.defaults)
}

@c @implementation
public func hr_enhancer_bytes(_ config: UnsafePointer<hr_enhancer_config>?) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    bytes = try EnhancerConfiguration(config).byteCount
  }
  return bytes
}

@c @implementation
public func hr_enhancer_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ config: UnsafePointer<hr_enhancer_config>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let out else { throw .invalidArgument("there is no place for the enhancer's handle") }
    out.pointee = nil
    let configuration = try EnhancerConfiguration(config)
    guard let memory, memory_bytes >= 0 else {
      throw .invalidArgument("the enhancer's memory is NULL, or larger than memory can be")
    }
    out.pointee = OpaquePointer(
      try Enhancer.initialize(memory, byteCount: memory_bytes, configuration))
  }
}

@c @implementation
public func hr_enhance(
  _ enhancer: OpaquePointer?, _ frame: UnsafePointer<hr_frame>?, _ elapsed_us: UInt64,
  _ out: UnsafeMutablePointer<UInt8>?, _ out_stride: Int,
  _ done: UnsafeMutablePointer<hr_enhancement>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let enhancer else { throw .invalidArgument("the enhancer is NULL") }
    guard let enhancer = Enhancer.at(enhancer) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "this is no enhancer",
        remedy: "pass what hr_enhancer_init returned, at the place where it was set up")
    }
    guard let frame, let out else { throw .invalidArgument("frame or out is NULL") }
    if let done, Int(clamping: done.pointee.struct_size) < MemoryLayout<hr_enhancement>.size {
      throw .invalidArgument("the enhancement's struct_size is too small")
    }
    let view = try FrameView(checking: frame.pointee)
    let configuration = enhancer.pointee.configuration
    guard view.width <= configuration.width, view.height <= configuration.height else {
      throw Failure(
        HR_BAD_FRAME, "the frame is larger than the enhancer was made for",
        remedy: "raise max_width and max_height")
    }
    try view.check(outStride: out_stride)
    let map = try Enhancer.enhance(
      enhancer, view, elapsed: Float(min(elapsed_us, 60_000_000)) * 1e-6, to: out,
      stride: out_stride)
    if let done {
      done.pointee.mean_root = Elementary.exp(map.logMean)
      done.pointee.gamma = map.gamma
      done.pointee.strength = map.strength
    }
  }
}
