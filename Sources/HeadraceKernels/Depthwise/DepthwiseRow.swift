import CHeadrace

extension hr_depthwise_row {
  /// Whether blocks of eight channels follow one another in the input too. Without a multiplier and from
  /// eight channels on they always do: a last block of fewer than eight begins so early that it has eight.
  @inline(__always)
  func readsContiguously(_ work: hr_depthwise) -> Bool {
    work.depth_multiplier == 1 && work.channels >= 8
  }

  /// Calls `body` with the first channel of every block of eight.
  @inline(__always)
  func forEachBlock(_ body: (Int) -> Void) {
    var channel = Int(first_channel)
    let end = Int(end_channel)
    while channel < end {
      body(min(channel, max(end &- 8, 0)))
      channel &+= 8
    }
  }

  /// Calls `body` with each span and the address of `channel` of its first output.
  @inline(__always)
  func forEachSpan<Element>(
    _ work: hr_depthwise, _ channel: Int, _ type: Element.Type,
    _ body: (Span<Element>, UnsafeMutablePointer<Element>) -> Void
  ) {
    var y = self.y.unsafelyUnwrapped.assumingMemoryBound(to: type) + channel
    @inline(__always)
    func forEachSpan(below offset: Int) {
      var first = 0
      for index in 0..<Int(span_count) {
        let span = spans[index]
        body(
          Span(
            x: x + first, steps: steps + first, channel: channel, offset: offset,
            pixels: Int(span.pixels), isInside: span.is_inside != 0), y)
        y += Int(span.pixels) &* y_step
        first &+= Int(work.taps)
      }
    }
    #if arch(x86_64)
    var line = y
    for row in 0..<Int(row_count) {
      y = line
      forEachSpan(below: row &* row_step)
      line += y_row_step
    }
    #else
    forEachSpan(below: 0)
    #endif
  }

  /// Outputs whose taps all move on by the same steps, and a block of their channels.
  struct Span<Element> {
    let x: UnsafePointer<UnsafeRawPointer?>
    let steps: UnsafePointer<UInt32>
    let channel: Int
    /// Of taps that move, for a row below the first.
    let offset: Int
    let pixels: Int
    let isInside: Bool

    /// What a tap reads for the first output.
    @inline(__always)
    func tap(_ tap: Int) -> UnsafePointer<Element> {
      let first = x[tap].unsafelyUnwrapped.assumingMemoryBound(to: Element.self) + channel
      #if arch(x86_64)
      return steps[tap] == 0 ? first : first + offset
      #else
      return first
      #endif
    }

    @inline(__always)
    func tap(_ tap: Int, pixel: Int) -> UnsafePointer<Element> {
      self.tap(tap) + Int(steps[tap]) &* pixel
    }

    /// From a tap of row `row` of a 3x3 kernel to the next tap, for a span inside.
    @inline(__always)
    func column(row: Int) -> Int { tap(3 &* row &+ 1) - tap(3 &* row) }
  }
}
