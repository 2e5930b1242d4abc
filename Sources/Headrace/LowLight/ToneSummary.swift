import CHeadrace

/// The small copy of a picture that a tone network reads: averages of 64 x 96 cells that cover it and, where
/// sizes do not divide, share rows and columns.
struct ToneSummary {
  static var rows: Int { 64 }
  static var columns: Int { 96 }
  static var channels: Int { 5 }
  static var inputCount: Int { rows * columns * channels }
  /// The least mean root.
  private static var leastMean: Double { 0.01 }

  /// [rows][columns][red, green, blue, change of green to the next pixel]: sums of codes.
  let sums: UnsafeMutablePointer<UInt32>

  static var byteCount: Int { 16 * rows * columns }

  /// Where a cell begins and ends, of `extent` pixels.
  private static func cell(_ index: Int, of count: Int, _ extent: Int) -> Range<Int> {
    let first = index &* extent / count
    return first..<((index &+ 1) &* extent &+ count &- 1) / count
  }

  /// Sums the cells of some rows; `row` is memory for a row of RGB24.
  func add(
    _ view: FrameView, cellRows: Range<Int>, _ row: UnsafeMutablePointer<UInt8>,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    for cellRow in cellRows {
      let line = sums + cellRow &* 4 &* Self.columns
      line.update(repeating: 0, count: 4 &* Self.columns)
      for y in Self.cell(cellRow, of: Self.rows, view.height) {
        var pixels = UnsafePointer(row)
        if let inPlace = view.rgbRow(y) {
          pixels = inPlace
        } else {
          view.convert(row: y, from: 0, count: view.width, to: row, kernels)
        }
        add(pixels, view.width, to: line)
      }
    }
  }

  private func add(
    _ pixels: UnsafePointer<UInt8>, _ width: Int, to line: UnsafeMutablePointer<UInt32>
  ) {
    for column in 0..<Self.columns {
      let range = Self.cell(column, of: Self.columns, width)
      var (red, green, blue, change): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      for x in range {
        let pixel = pixels + 3 &* x
        let next = pixels + 3 &* min(x &+ 1, width &- 1)
        red &+= UInt32(pixel[0])
        green &+= UInt32(pixel[1])
        blue &+= UInt32(pixel[2])
        change &+= (Int32(next[1]) &- Int32(pixel[1])).magnitude
      }
      let sums = line + 4 &* column
      sums[0] &+= red
      sums[1] &+= green
      sums[2] &+= blue
      sums[3] &+= change
    }
  }

  /// Writes the network's input [rows][columns][channels]: roots of averages over their mean, less one, and how
  /// dark it is. Returns the mean root of the three colours.
  func write(to input: UnsafeMutablePointer<Float>, _ width: Int, _ height: Int) -> Float {
    var total: Double = 0
    for row in 0..<Self.rows {
      for column in 0..<Self.columns {
        let place = row &* Self.columns &+ column
        let count =
          Self.cell(row, of: Self.rows, height).count
          &* Self.cell(column, of: Self.columns, width).count
        let scale = 1 / (255 * Double(count))
        for channel in 0..<4 {
          let root = (Double(sums[4 &* place &+ channel]) * scale).squareRoot()
          input[Self.channels &* place &+ channel] = Float(root)
          if channel < 3 { total += root }
        }
      }
    }
    let mean = Float(max(total / Double(3 * Self.rows * Self.columns), Self.leastMean))
    let dark = 0.5 * Elementary.log(mean) * 1.442_695 + 1
    for place in 0..<Self.rows &* Self.columns {
      let values = input + Self.channels &* place
      for channel in 0..<4 { values[channel] = min(values[channel] / mean, 4) - 1 }
      values[4] = dark
    }
    return mean
  }
}
