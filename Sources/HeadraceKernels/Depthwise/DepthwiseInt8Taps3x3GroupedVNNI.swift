import CHeadrace

#if HEADRACE_VNNI

extension hr_depthwise_row {
  /// Whether `taps3x3Grouped` is for it: stride 1 over all of 8, 16 or 32 channels.
  @inline(__always)
  func isGrouped(_ work: hr_depthwise) -> Bool {
    let width = work.channels
    return (width == 8 || width == 16 || width == 32) && work.shape == HR_TAPS_3X3.rawValue
      && work.stride == 1 && work.depth_multiplier == 1 && first_channel == 0
      && end_channel == width
  }

  /// 3x3 where the channels of two, four or eight outputs side by side are 64 lanes. What they read lies side by side
  /// too, a pixel further from column to column. False if a factor is not small, and nothing was done.
  @inline(never)
  func taps3x3Grouped(_ work: hr_depthwise) -> Bool {
    let width = Int(work.channels)
    let group = 64 / width
    let kernel = KernelQuads(work, 0, width: width)
    guard kernel.isSmall else { return false }
    forEachSpan(work, 0, Int8.self) { span, y in
      guard span.isInside && span.pixels >= group else {
        for pixel in 0..<span.pixels {
          let outputs = kernel(
            Quads(span, column: 0, pixel, width: width),
            Quads(span, column: 1, pixel, width: width),
            Quads(span, column: 2, pixel, width: width))
          hr_store_first(outputs, y + pixel &* width, width)
        }
        return
      }
      let columns = RowQuads(span)
      // The last ones may be some of those before them again.
      let last = span.pixels &- group
      var pixel = 0
      if group == 2 {
        var x0 = columns[0]
        while pixel <= last {
          let x2 = columns[pixel &+ 2]
          kernel.store(x0, columns[pixel &+ 1], x2, y + pixel &* width)
          x0 = x2
          pixel &+= 2
        }
        if pixel == span.pixels { return }
        pixel = last
      }
      while pixel < span.pixels {
        let first = min(pixel, last)
        kernel.store(columns[first], columns[first &+ 1], columns[first &+ 2], y + first &* width)
        pixel &+= group
      }
    }
    return true
  }
}

#endif
