import CHeadrace

#if HEADRACE_VNNI

extension hr_depthwise {
  /// 3x3 with stride 1 over eight channels: what `taps3x3x8` does.
  @inline(__always)
  var hasEightChannels: Bool {
    channels == 8 && shape == HR_TAPS_3X3.rawValue && stride == 1 && depth_multiplier == 1
  }
}

extension hr_depthwise_row {
  /// Eight channels of two outputs side by side are sixteen lanes. What they read lies side by side too, eight bytes
  /// from column to column: as sixteen channels with stride 2 would.
  @inline(never)
  func taps3x3x8(_ work: hr_depthwise) {
    let taps = WideTaps(eightTwice: work)
    var row = self
    row.span_count = 1
    for index in 0..<Int(span_count) {
      row.spans = spans + index
      row.x = x + 9 &* index
      row.steps = steps + 9 &* index
      let pixels = Int(row.spans[0].pixels)
      let y = row.y.unsafelyUnwrapped
      if row.isInside && pixels >= 8 {
        row.sumPairs(taps, from: 0, pixels: pixels & ~7)
        // The last ones again, with those before them.
        if pixels & 7 != 0 { row.sumPairs(taps, from: pixels &- 8, pixels: 8) }
      } else {
        depthwiseInt8(work, row)
      }
      row.y = y + pixels &* y_step
    }
  }

  /// Whether all taps of the first span lie in the input.
  @inline(__always)
  private var isInside: Bool {
    spans[0].is_inside != 0 && steps[0] != 0 && steps[3] != 0 && steps[6] != 0
  }

  @inline(__always)
  private func sumPairs(_ taps: WideTaps, from first: Int, pixels: Int) {
    let span = Span<Int8>(
      x: x, steps: steps, channel: 8 &* first, pixels: pixels / 2, isInside: true)
    let y = self.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + 8 &* first
    _ = taps.taps3x3(span, y, 2, step: 16)
  }
}

#endif
