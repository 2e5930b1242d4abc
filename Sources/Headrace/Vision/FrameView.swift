import CHeadrace

/// A frame whose sizes, strides and planes have been checked: every row can be read.
struct FrameView {
  private(set) var frame: hr_frame

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
    // What the format does not have is not looked at, whatever the caller left there.
    if layout.planeCount < 2 { self.frame.planes.1 = nil }
    if layout.planeCount < 3 { self.frame.planes.2 = nil }
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
    format == HR_RGB24 ? frame.planes.0.map { $0 + frame.strides.0 &* y } : nil
  }

  /// Converts the first `count` pixels of row `y` to RGB24 at `rgb`.
  @inline(never)  // called once for each row, from many places
  func convert(
    row y: Int, count: Int, to rgb: UnsafeMutablePointer<UInt8>,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    guard let first = frame.planes.0.map({ $0 + frame.strides.0 &* y }) else { return }
    switch format {
    case HR_RGB24:
      UnsafeMutableRawPointer(rgb).copyMemory(from: first, byteCount: count &* 3)
    case HR_BGR24, HR_RGBA32, HR_GRAY8:
      kernels.pointee.frame.packed_to_rgb(first, sumStep, count, rgb)
    default:
      var chroma = first
      var third = 0
      if let second = frame.planes.1 {
        chroma = second + frame.strides.1 &* (y &>> 1)
        if let plane = frame.planes.2 { third = plane + frame.strides.2 &* (y &>> 1) - chroma }
      }
      let place = chromaPlace(third: third)
      kernels.pointee.frame.yuv_to_rgb(
        first, chroma + place.u, chroma + place.v, place.step, count, frame.full_range, rgb)
    }
  }
}
