#if arch(x86_64)

extension WindowStrips {
  /// Lists rows of taps where they lie, and gathers those that lie in the padding in part.
  func listRows(picture: Int, row: Int, column: Int, count: Int) {
    let first = column &* columns.stride &- columns.padBefore
    let whole = columns.outputsWhole(first, count: count)
    var gathered = strip.gathered
    for rowTap in 0..<rows.kernel {
      let inputRow = rows.tapInput(output: row, tap: rowTap)
      let start = x + (picture &* rows.input &+ (inputRow ?? 0)) &* columns.input &* pixelBytes
      strip.list(
        run: rowTap, pixels: count, inside: inputRow == nil ? 0..<0 : whole,
        first: start + first &* pixelBytes, step: columns.stride &* pixelBytes)
      guard inputRow != nil && whole.count < count else { continue }
      let list = strip.pointers + rowTap &* strip.layout.capacity
      func gatherPixels(_ pixels: Range<Int>) {
        for pixel in pixels {
          gather(start, first &+ pixel &* columns.stride, gathered)
          list[pixel] = UnsafeRawPointer(gathered)
          gathered += strip.layout.rowStep
        }
      }
      gatherPixels(0..<whole.lowerBound)
      gatherPixels(whole.upperBound..<count)
      strip.repeatLast(list, pixels: count)
    }
  }
}

#endif
