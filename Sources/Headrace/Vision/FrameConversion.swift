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
      var failure = Failure(HR_BAD_FRAME, "frame: the buffer is shorter than the frame")
      failure.needed = UInt64(needed)
      failure.available = UInt64(byteCount)
      throw failure
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
        HR_INVALID_ARGUMENT, "fit: pass HR_FIT_STRETCH, HR_FIT_CROP or HR_FIT_LETTERBOX")
    }
    guard filter == HR_FILTER_AUTO || filter == HR_FILTER_BILINEAR || filter == HR_FILTER_AREA
    else { throw Failure(HR_INVALID_ARGUMENT, "filter is none of hr_filter") }
    let layout = try PlaneLayout(format: HR_RGB24, width: width, height: height)
    guard stride >= layout.rowBytes(0),
      !stride.multipliedReportingOverflow(by: Int(height)).overflow
    else {
      var failure = Failure(
        HR_INVALID_ARGUMENT, "out_stride: at least 3 bytes for each pixel of a row")
      failure.needed = UInt64(layout.rowBytes(0))
      failure.available = UInt64(UInt(bitPattern: stride))
      throw failure
    }
    var kernels = hr_kernels()
    hr_kernels_baseline(&kernels)
    withUnsafePointer(to: kernels.frame) {
      FrameScaler(
        frame: view,
        fit: FrameFit(
          source: (view.width, view.height), target: (Int(width), Int(height)), fit: fit,
          filter: filter),
        kernels: $0
      ).write(to: PictureSink(out: out, stride: stride))
    }
  }
}
