import CHeadrace

extension FrameView {
  var isYUV: Bool { format.rawValue >= HR_YUYV.rawValue }

  /// Where the first samples of U and V lie in the plane that has U, or both, and how far it is from one to the
  /// next; YUYV has them in its only plane, and I420 has those of V in one that begins `third` samples later.
  func chromaPlace(third: Int) -> (u: Int, v: Int, step: Int) {
    switch format {
    case HR_YUYV: (1, 3, 4)
    case HR_NV12: (0, 1, 2)
    case HR_NV21: (1, 0, 2)
    default: (0, third, 1)
    }
  }

  /// Elements from pixel to pixel of what `sum` returns: three values, of RGBA32 the first three of four, and
  /// of gray one.
  var sumStep: Int {
    switch format {
    case HR_RGBA32: 4
    case HR_GRAY8: 1
    default: 3
    }
  }

  /// Pixels x ..< x + count of some rows, added up as the format has them: Y, U and V stay what they are. `x` is
  /// even.
  func sum(
    _ rows: Range<Int>, from x: Int, count: Int, _ memory: StripMemory,
    _ kernels: UnsafePointer<hr_kernels>
  ) -> UnsafePointer<UInt16> {
    func add(
      _ plane: UnsafePointer<UInt8>?, _ stride: Int, from x: Int, count: Int, halved: Int, at: Int
    ) {
      guard let plane else { return }
      kernels.pointee.frame.sum(
        plane + x, stride, rows.lowerBound, rows.upperBound, halved, count, memory.rows + at)
    }
    let even = (count &+ 1) & -2
    let yuyv = format == HR_YUYV
    let bytes = yuyv ? 2 : isYUV ? 1 : sumStep
    add(
      frame.planes.0, frame.strides.0, from: x &* bytes, count: (yuyv ? even : count) &* bytes,
      halved: 0, at: 0)
    guard isYUV else { return UnsafePointer(memory.rows) }
    let shift = format == HR_I420 ? 1 : 0
    let second = yuyv ? 0 : StripMemory.runPixels
    let third = StripMemory.runPixels / 2
    add(
      frame.planes.1, frame.strides.1, from: x &>> shift, count: even &>> shift, halved: 1,
      at: second)
    add(
      frame.planes.2, frame.strides.2, from: x &>> 1, count: even &>> 1, halved: 1,
      at: second &+ third)
    let (y, place) = (memory.rows, chromaPlace(third: third))
    let chroma = y + second
    kernels.pointee.frame.spread(
      y, chroma + place.u, chroma + place.v, place.step, count, memory.pixels)
    return UnsafePointer(memory.pixels)
  }

  /// Finished columns, `sum`'s three values apart, as RGB24. Those of YUV are in units of 1/32.
  func pack(_ count: Int, _ memory: StripMemory, _ kernels: UnsafePointer<hr_kernels>) {
    let planes = memory.planes
    if isYUV {
      kernels.pointee.frame.pack_yuv(planes, count, frame.full_range, memory.strip)
      return
    }
    var first = planes
    var distance = StripMemory.columns
    if format == HR_BGR24 {
      first += 2 &* distance
      distance = 0 &- distance
    } else if format == HR_GRAY8 {
      distance = 0
    }
    kernels.pointee.frame.pack(first, distance, count, memory.strip)
  }
}
