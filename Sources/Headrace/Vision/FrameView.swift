import CHeadrace

/// A frame whose sizes, strides and planes have been checked: every row can be read.
struct FrameView {
  let frame: hr_frame

  var width: Int { Int(frame.width) }
  var height: Int { Int(frame.height) }
  var format: hr_pixel_format { frame.format }

  /// Throws `HR_BAD_FRAME` unless each row of each plane lies inside what the caller says is readable.
  init(checking frame: hr_frame) throws(Failure) {
    guard frame.struct_size >= UInt32(MemoryLayout<hr_frame>.size) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the frame's struct_size is too small",
        remedy: "call hr_frame_init first")
    }
    let layout = try PlaneLayout(format: frame.format, width: frame.width, height: frame.height)
    try layout.check(0, frame.planes.0, frame.strides.0, frame.plane_bytes.0)
    try layout.check(1, frame.planes.1, frame.strides.1, frame.plane_bytes.1)
    try layout.check(2, frame.planes.2, frame.strides.2, frame.plane_bytes.2)
    self.frame = frame
  }

  /// Throws unless the frame has at most this size, and rows of RGB24 so far apart hold a picture of it.
  func check(atMost mostWidth: Int, _ mostHeight: Int, outStride: Int) throws(Failure) {
    guard width <= mostWidth, height <= mostHeight else {
      throw Failure(
        HR_BAD_FRAME, "the frame is larger than its size in the configuration",
        remedy: "raise max_width and max_height")
    }
    guard outStride >= 3 * width,
      !outStride.multipliedReportingOverflow(by: height).overflow
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "out_stride does not suit a row of RGB24",
        needed: UInt64(3 * width), available: UInt64(UInt(bitPattern: outStride)))
    }
  }

  /// Row `y` as RGB24 in place, if the frame is that already.
  func rgbRow(_ y: Int) -> UnsafePointer<UInt8>? {
    format == HR_RGB24 ? row(frame.planes.0, frame.strides.0, y) : nil
  }

  /// Converts pixels x ..< x + count of row `y` to RGB24 at `rgb`.
  @inline(never)  // called once for each row, from many places
  func convert(
    row y: Int, from x: Int, count: Int, to rgb: UnsafeMutablePointer<UInt8>,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    guard let first = row(frame.planes.0, frame.strides.0, y) else { return }
    let full = frame.full_range
    switch format {
    case HR_RGB24:
      UnsafeMutableRawPointer(rgb).copyMemory(from: first + x &* 3, byteCount: count &* 3)
    case HR_BGR24:
      kernels.pointee.frame.bgr24_to_rgb(first, x, count, rgb)
    case HR_RGBA32:
      kernels.pointee.frame.rgba32_to_rgb(first, x, count, rgb)
    case HR_GRAY8:
      kernels.pointee.frame.gray8_to_rgb(first, x, count, rgb)
    case HR_YUYV:
      kernels.pointee.frame.yuyv_to_rgb(first, x, count, full, rgb)
    default:
      guard let second = row(frame.planes.1, frame.strides.1, y &>> 1) else { return }
      if format == HR_I420 {
        guard let third = row(frame.planes.2, frame.strides.2, y &>> 1) else { return }
        kernels.pointee.frame.yuv420_to_rgb(first, second, third, 1, x, count, full, rgb)
      } else {
        let uFirst = format == HR_NV12 ? 0 : 1
        kernels.pointee.frame.yuv420_to_rgb(
          first, second + uFirst, second + (1 &- uFirst), 2, x, count, full, rgb)
      }
    }
  }

  private func row(_ plane: UnsafePointer<UInt8>?, _ stride: Int, _ y: Int) -> UnsafePointer<UInt8>?
  {
    plane.map { $0 + stride &* y }
  }
}
