import CHeadrace

/// Lists the taps of tiles of a convolution's window, depthwise or not.
struct WindowTiles {
  let rows: WindowAxis
  let columns: WindowAxis
  let indirection: Indirection
  let x: UnsafeRawPointer
  /// From an input pixel to the next.
  let pixelBytes: Int
  /// From a tap's weights to the next tap's, within a block.
  let tapWeights: Int
  /// Whether the taps of a kernel's row follow one another in the input.
  let mergesColumns: Bool

  /// Lists the runs of `count` outputs from (`row`, `column`) on, of picture `picture`. Returns how
  /// many there are, and how many taps each covers.
  func list(
    picture: Int, row: Int, column: Int, count: Int, channelBytes: Int
  ) -> (runs: Int, taps: Int) {
    let inside = columns.isInside(outputs: column..<column &+ count)
    let taps = inside && mergesColumns ? columns.kernel : 1
    var run = 0
    for rowTap in 0..<rows.kernel {
      let inputRow = rows.tapInput(output: row, tap: rowTap)
      let start =
        x
        + ((picture &* rows.input &+ (inputRow ?? 0)) &* columns.input &* pixelBytes
          &+ channelBytes)
      var columnTap = 0
      while columnTap < columns.kernel {
        let weights = (rowTap &* columns.kernel &+ columnTap) &* tapWeights
        if inputRow == nil {
          indirection.set(
            run: run, weights: weights, pixels: count, first: indirection.zeros, step: 0)
        } else if inside {
          let position =
            column &* columns.stride &+ columnTap &* columns.dilation &- columns.padBefore
          indirection.set(
            run: run, weights: weights, pixels: count, first: start + position &* pixelBytes,
            step: columns.stride &* pixelBytes)
        } else {
          indirection.weights[run] = UInt32(truncatingIfNeeded: weights)
          for pixel in 0..<count {
            let position = columns.tapInput(output: column &+ pixel, tap: columnTap)
            indirection.set(
              run: run, pixel: pixel,
              position.map { start + $0 &* pixelBytes } ?? indirection.zeros)
          }
        }
        run &+= 1
        columnTap &+= taps
      }
    }
    return (run, taps)
  }
}
