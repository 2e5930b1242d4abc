import CHeadrace

/// What the C functions for frames do, with Swift's errors.
enum FrameConversion {
  /// A tightly packed frame over one buffer: planes one behind the other.
  static func wrap(
    _ format: hr_pixel_format, _ width: UInt32, _ height: UInt32, _ bytes: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) throws(Failure) -> hr_frame {
    let layout = try PlaneLayout(format: format, width: width, height: height)
    let sizes = (layout.packedBytes(0), layout.packedBytes(1), layout.packedBytes(2))
    let needed = sizes.0 + sizes.1 + sizes.2
    guard byteCount < 0 || byteCount >= needed else {
      throw Failure(
        HR_BAD_FRAME, "the buffer is shorter than the frame",
        remedy: "check the frame's format and size", needed: UInt64(needed),
        available: UInt64(byteCount))
    }
    var frame = hr_frame()
    frame.struct_size = UInt32(MemoryLayout<hr_frame>.size)
    frame.format = format
    frame.width = width
    frame.height = height
    frame.planes.0 = bytes
    frame.strides.0 = layout.rowBytes(0)
    frame.plane_bytes = sizes
    if layout.planeCount > 1 {
      frame.planes.1 = bytes + sizes.0
      frame.strides.1 = layout.rowBytes(1)
    }
    if layout.planeCount > 2 {
      frame.planes.2 = bytes + sizes.0 + sizes.1
      frame.strides.2 = layout.rowBytes(2)
    }
    return frame
  }

  /// Scales `frame` into width x height RGB24 at `out`.
  static func convert(
    _ frame: hr_frame, _ fit: hr_fit, _ filter: hr_filter, to out: UnsafeMutablePointer<UInt8>,
    stride: Int, width: UInt32, height: UInt32
  ) throws(Failure) {
    let view = try FrameView(checking: frame)
    // HR_FIT_MODEL has no meaning without a model.
    guard fit == HR_FIT_STRETCH || fit == HR_FIT_CROP || fit == HR_FIT_LETTERBOX else {
      throw Failure(
        HR_INVALID_ARGUMENT, "fit is none that needs no model",
        remedy: "pass HR_FIT_STRETCH, HR_FIT_CROP or HR_FIT_LETTERBOX")
    }
    guard filter == HR_FILTER_AUTO || filter == HR_FILTER_BILINEAR || filter == HR_FILTER_AREA
    else { throw Failure(HR_INVALID_ARGUMENT, "filter is none of hr_filter") }
    let layout = try PlaneLayout(format: HR_RGB24, width: width, height: height)
    guard stride >= layout.rowBytes(0),
      !stride.multipliedReportingOverflow(by: Int(height)).overflow
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "out_stride does not suit a row of RGB24",
        needed: UInt64(layout.rowBytes(0)), available: UInt64(UInt(bitPattern: stride)))
    }
    var kernels = hr_kernels()
    hr_frame_kernels_baseline(&kernels)
    withUnsafePointer(to: kernels) {
      FrameScaler(
        frame: view,
        fit: FrameFit(
          source: (view.width, view.height), target: (Int(width), Int(height)), fit: fit,
          filter: filter),
        kernels: $0
      ).write(to: .picture(PictureSink(out: out, stride: stride)))
    }
  }

  /// Fills a picture input of a verified model: `input` says how, `data` is its tensor's memory.
  static func fill(
    _ input: UnsafePointer<hrm_frame_input>, of model: Model, _ data: UnsafeMutableRawPointer,
    from frame: hr_frame, _ kernels: UnsafePointer<hr_kernels>
  ) throws(Failure) {
    let view = try FrameView(checking: frame)
    let tensor = model.view.input(Int(input.pointee.input))
    FrameScaler(
      frame: view,
      fit: FrameFit(
        source: (view.width, view.height), target: (tensor.pointee.width, tensor.pointee.height),
        fit: hr_fit(UInt32(input.pointee.fit)), filter: hr_filter(UInt32(input.pointee.filter))),
      kernels: kernels
    ).write(
      to: .tensor(TensorSink(input, of: model, data, kernels)))
  }
}
