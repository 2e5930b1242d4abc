// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_frame_init(_ frame: UnsafeMutablePointer<hr_frame>?) {
  guard let frame else { return }
  var empty = hr_frame()
  empty.struct_size = UInt32(MemoryLayout<hr_frame>.size)
  frame.initialize(to: empty)
}

@c @implementation
public func hr_frame_wrap(
  _ frame: UnsafeMutablePointer<hr_frame>?, _ format: hr_pixel_format, _ width: UInt32,
  _ height: UInt32, _ bytes: UnsafePointer<UInt8>?, _ byte_count: Int,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let frame, let bytes else { throw .invalidArgument("frame or bytes is NULL") }
    let wrapped = try FrameConversion.wrap(format, width, height, bytes, byte_count)
    frame.initialize(to: wrapped)
  }
}

@c @implementation
public func hr_frame_to_rgb(
  _ frame: UnsafePointer<hr_frame>?, _ fit: hr_fit, _ filter: hr_filter,
  _ out: UnsafeMutablePointer<UInt8>?, _ out_stride: Int, _ width: UInt32, _ height: UInt32,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let frame, let out else { throw .invalidArgument("frame or out is NULL") }
    try FrameConversion.convert(
      frame.pointee, fit, filter, to: out, stride: out_stride, width: width, height: height)
  }
}

@c @implementation
public func hr_session_set_frame(
  _ session: OpaquePointer?, _ input_index: UInt32, _ frame: UnsafePointer<hr_frame>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let session = try Session.at(session)
    guard let frame else { throw .invalidArgument("frame is NULL") }
    let tensor = try session.pointee.model.input(input_index)
    let input = try pictureInput(input_index, of: session.pointee.model)
    chooseFrameKernels(session.pointee.configuration.features, session.pointee.kernels)
    try FrameConversion.fill(
      input, of: session.pointee.model, session.pointee.data(tensor), from: frame.pointee,
      session.pointee.kernels)
  }
}

@c @implementation
public func hr_model_frame_size(
  _ model: UnsafePointer<hr_model>?, _ input_index: UInt32, _ width: UnsafeMutablePointer<UInt32>?,
  _ height: UnsafeMutablePointer<UInt32>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let model = try Model(model)
    guard let width, let height else { throw .invalidArgument("width or height is NULL") }
    let tensor = try model.input(input_index)
    _ = try pictureInput(input_index, of: model)
    // Scaled down to no less than this on either side, a frame still fills the input by any fit.
    width.pointee = UInt32(truncatingIfNeeded: tensor.pointee.width)
    height.pointee = UInt32(truncatingIfNeeded: tensor.pointee.height)
  }
}

private func pictureInput(
  _ index: UInt32, of model: Model
) throws(Failure) -> UnsafePointer<hrm_frame_input> {
  guard let input = model.frameInput(index) else {
    throw Failure(
      HR_INVALID_ARGUMENT, "this model input is no picture",
      remedy: "write it with hr_tensor_write_float, or compile the model with a frame input")
  }
  return input
}
