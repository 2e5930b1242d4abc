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

  /// Sums the cells of some rows. `memory` is for the sums of columns, 15 bytes for each.
  func add(
    _ view: FrameView, cellRows: Range<Int>, _ memory: UnsafeMutableRawPointer,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    let columns = memory.assumingMemoryBound(to: UInt16.self)
    let row = (memory + 12 &* view.width).assumingMemoryBound(to: UInt8.self)
    for cellRow in cellRows {
      let line = sums + cellRow &* 4 &* Self.columns
      line.update(repeating: 0, count: 4 &* Self.columns)
      let rows = Self.cell(cellRow, of: Self.rows, view.height)
      var first = rows.lowerBound
      while first < rows.upperBound {
        // So many codes 16 bits surely hold.
        let end = min(first &+ 256, rows.upperBound)
        columns.update(repeating: 0, count: 6 &* view.width)
        for y in first..<end {
          var pixels = UnsafePointer(row)
          if let inPlace = view.rgbRow(y) {
            pixels = inPlace
          } else {
            view.convert(row: y, count: view.width, to: row, kernels)
          }
          Self.add(pixels, 3 &* view.width, to: columns)
        }
        Self.add(columns, view.width, to: line)
        first = end
      }
    }
  }

  /// Adds a row of `count` codes to the sums of columns [count], and changes to the next pixel to those behind them.
  private static func add(
    _ pixels: UnsafePointer<UInt8>, _ count: Int, to columns: UnsafeMutablePointer<UInt16>
  ) {
    let changes = columns + count
    var i = 0
    while i &+ 19 <= count {
      hr_add_changes_x16(pixels + i, pixels + (i &+ 3), columns + i, changes + i)
      i &+= 16
    }
    while i < count {
      let next = i &+ 3 < count ? i &+ 3 : i
      columns[i] &+= UInt16(pixels[i])
      changes[i] &+= UInt16(
        truncatingIfNeeded: (Int32(pixels[next]) &- Int32(pixels[i])).magnitude)
      i &+= 1
    }
  }

  /// Adds sums of columns to those of cells.
  private static func add(
    _ columns: UnsafePointer<UInt16>, _ width: Int, to line: UnsafeMutablePointer<UInt32>
  ) {
    let changes = columns + 3 &* width
    for cell in 0..<Self.columns {
      let sums = line + 4 &* cell
      for x in Self.cell(cell, of: Self.columns, width) {
        let pixel = 3 &* x
        sums[0] &+= UInt32(columns[pixel])
        sums[1] &+= UInt32(columns[pixel &+ 1])
        sums[2] &+= UInt32(columns[pixel &+ 2])
        sums[3] &+= UInt32(changes[pixel &+ 1])
      }
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
