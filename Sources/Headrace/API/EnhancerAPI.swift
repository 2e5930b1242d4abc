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
  initialize(out, error) { () throws(Failure) in
    UnsafeMutableRawPointer(
      try Enhancer.initialize(
        CallerMemory(memory, memory_bytes), EnhancerConfiguration(config)))
  }
}

@c @implementation
public func hr_enhance(
  _ enhancer: OpaquePointer?, _ frame: UnsafePointer<hr_frame>?, _ elapsed_us: UInt64,
  _ out: UnsafeMutablePointer<UInt8>?, _ out_stride: Int,
  _ done: UnsafeMutablePointer<hr_enhancement>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let enhancer = try Enhancer.at(enhancer)
    guard let frame, let out else { throw .invalidArgument("frame or out is NULL") }
    if let done, Int(clamping: done.pointee.struct_size) < MemoryLayout<hr_enhancement>.size {
      throw .invalidArgument("the enhancement's struct_size is too small")
    }
    let view = try FrameView(checking: frame.pointee)
    let configuration = enhancer.pointee.configuration
    try view.check(atMost: configuration.width, configuration.height, outStride: out_stride)
    let (map, times) = try Enhancer.enhance(
      enhancer, view, elapsed: Float(min(elapsed_us, 60_000_000)) * 1e-6, to: out,
      stride: out_stride)
    if let done {
      done.pointee.mean_root = Elementary.exp(map.logMean)
      done.pointee.gamma = map.gamma
      done.pointee.strength = map.strength
      done.pointee.prepare_ns = times.prepare
      done.pointee.network_ns = times.network
      done.pointee.finish_ns = times.finish
    }
  }
}
