import CHeadrace

/// How many bytes a row of each plane has, and how many rows: the memory that a format occupies.
struct PlaneLayout {
  let planeCount: Int
  let lumaRowBytes: Int
  let lumaRows: Int
  let chromaRowBytes: Int
  let chromaRows: Int

  init(format: hr_pixel_format, width: UInt32, height: UInt32) throws(Failure) {
    guard width >= 1, height >= 1 else {
      throw Failure(HR_BAD_FRAME, "the frame's width or height is 0")
    }
    guard width <= UInt32(HR_MAX_FRAME_SIDE), height <= UInt32(HR_MAX_FRAME_SIDE) else {
      throw Failure(
        HR_BAD_FRAME, "the frame is wider or higher than HR_MAX_FRAME_SIDE",
        needed: UInt64(max(width, height)), available: UInt64(HR_MAX_FRAME_SIDE), unit: .pixels)
    }
    let (width, height) = (Int(width), Int(height))
    lumaRows = height
    switch format {
    case HR_RGB24, HR_BGR24:
      lumaRowBytes = width * 3
      (planeCount, chromaRowBytes, chromaRows) = (1, 0, 0)
    case HR_RGBA32:
      lumaRowBytes = width * 4
      (planeCount, chromaRowBytes, chromaRows) = (1, 0, 0)
    case HR_GRAY8:
      lumaRowBytes = width
      (planeCount, chromaRowBytes, chromaRows) = (1, 0, 0)
    case HR_YUYV:
      guard width % 2 == 0 else {
        throw Failure(HR_BAD_FRAME, "a YUYV frame's width is odd")
      }
      lumaRowBytes = width * 2
      (planeCount, chromaRowBytes, chromaRows) = (1, 0, 0)
    case HR_NV12, HR_NV21:
      lumaRowBytes = width
      (planeCount, chromaRowBytes, chromaRows) = (2, (width + 1) / 2 * 2, (height + 1) / 2)
    case HR_I420:
      lumaRowBytes = width
      (planeCount, chromaRowBytes, chromaRows) = (3, (width + 1) / 2, (height + 1) / 2)
    default:
      throw Failure(HR_BAD_FRAME, "the frame's format is none of hr_pixel_format")
    }
  }

  func rowBytes(_ plane: Int) -> Int { plane == 0 ? lumaRowBytes : chromaRowBytes }
  func rows(_ plane: Int) -> Int { plane == 0 ? lumaRows : chromaRows }

  /// Bytes of a tightly packed plane; 0 for a plane that the format does not have.
  func packedBytes(_ plane: Int) -> Int { plane < planeCount ? rowBytes(plane) * rows(plane) : 0 }

  /// Throws unless `plane` is there and its last row ends within `bytes`.
  func check(
    _ plane: Int, _ pointer: UnsafePointer<UInt8>?, _ stride: Int, _ bytes: Int
  ) throws(Failure) {
    guard plane < planeCount else { return }
    guard pointer != nil else {
      throw Failure(HR_BAD_FRAME, "a plane that the frame's format needs is NULL")
    }
    // size_t beyond Int.max arrives as a negative number.
    guard stride >= rowBytes(plane) else {
      throw Failure(
        HR_BAD_FRAME, "a stride of the frame is shorter than a row",
        needed: UInt64(rowBytes(plane)), available: UInt64(UInt(bitPattern: stride)))
    }
    let (body, overflow) = stride.multipliedReportingOverflow(by: rows(plane) - 1)
    let (needed, overflow2) = body.addingReportingOverflow(rowBytes(plane))
    guard !overflow, !overflow2, bytes < 0 || bytes >= needed else {
      throw Failure(
        HR_BAD_FRAME, "a plane is shorter than the frame's height and stride",
        needed: overflow || overflow2 ? UInt64.max : UInt64(needed),
        available: UInt64(UInt(bitPattern: bytes)))
    }
  }
}
