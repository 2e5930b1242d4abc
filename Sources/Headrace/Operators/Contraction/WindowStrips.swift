import CHeadrace

/// Lists the inputs of strips of a convolution's outputs.
struct WindowStrips {
  let rows: WindowAxis
  let columns: WindowAxis
  let strip: Strip
  let x: UnsafeRawPointer
  /// From an input pixel to the next.
  let pixelBytes: Int
  /// Whether a row of the kernel reads consecutive input elements.
  let isContiguous: Bool
  /// Whether runs may come in any order. Then a strip below another keeps the input rows that they share:
  /// an input row has its runs in the same place for all outputs that read it.
  let turns: Bool

  init(
    rows: WindowAxis, columns: WindowAxis, strip: Strip, x: UnsafeRawPointer, pixelBytes: Int,
    isContiguous: Bool, isFloat: Bool
  ) {
    self.rows = rows
    self.columns = columns
    self.strip = strip
    self.x = x
    self.pixelBytes = pixelBytes
    self.isContiguous = isContiguous
    turns = !isFloat && !strip.layout.gathers && rows.dilation == 1 && rows.kernel > rows.stride
  }

  /// Lists `count` outputs from (`row`, `column`) on, of picture `picture`, for the group whose
  /// channels begin `channelBytes` into a pixel. `isBelow`: the outputs listed before are those above.
  @inline(never)
  func list(
    picture: Int, row: Int, column: Int, count: Int, channelBytes: Int, isBelow: Bool
  ) {
    #if arch(x86_64)
    if strip.layout.rowRuns > 0 {
      listRows(picture: picture, row: row, column: column, count: count)
      return
    }
    #endif
    let kept = turns && isBelow ? rows.kernel &- rows.stride : 0
    var run = turns ? row &* rows.stride % rows.kernel &* columns.kernel : 0
    var tap = 0
    for rowTap in 0..<rows.kernel {
      let inputRow = rows.tapInput(output: row, tap: rowTap)
      let start =
        x
        + ((picture &* rows.input &+ (inputRow ?? 0)) &* columns.input &* pixelBytes
          &+ channelBytes)
      if strip.layout.gathers {
        if readsInPlace {
          listInPlace(picture: picture, row: row, column: column, count: count)
          continue
        }
        let end = x + (picture &+ 1) &* rows.input &* columns.input &* pixelBytes
        gather(
          inputRow == nil ? nil : start, end: end, rowTap: rowTap, column: column, count: count)
        continue
      }
      for columnTap in 0..<columns.kernel {
        strip.setWeights(run: run, tap: tap)
        if rowTap >= kept {
          list(
            inputRow == nil ? nil : start, run: run, columnTap: columnTap, column: column,
            count: count)
        }
        run &+= 1
        tap &+= 1
      }
      if run == strip.layout.taps { run = 0 }
    }
  }

  /// Lists a tap. `start`: the input row, nil in the padding.
  private func list(
    _ start: UnsafeRawPointer?, run: Int, columnTap: Int, column: Int, count: Int
  ) {
    let position = column &* columns.stride &+ columnTap &* columns.dilation &- columns.padBefore
    let first = (start ?? x) + position &* pixelBytes
    let step = columns.stride &* pixelBytes
    let isInside = position >= 0 && position &+ (count &- 1) &* columns.stride < columns.input
    if isInside && start != nil && count & 7 == 0 {
      strip.listRow(strip.pointers + run &* strip.layout.capacity, count, first, step: step)
      return
    }
    strip.list(
      run: run, pixels: count,
      inside: start == nil ? 0..<0 : columns.outputsInside(position, count: count), first: first,
      step: step)
  }
}
