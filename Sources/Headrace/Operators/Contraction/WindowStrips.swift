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

  /// A single tap need not be gathered where kernels may read on: weights behind its channels are 0. Those of int16
  /// read no further than four by four.
  private var readsInPlace: Bool {
    strip.layout.taps == 1 && strip.layout.elementBytes == 2 && isContiguous
  }

  /// Lists the inputs of a single tap, and gathers those in the padding and at the picture's end.
  @inline(never)
  private func listInPlace(picture: Int, row: Int, column: Int, count: Int) {
    let first = column &* columns.stride &- columns.padBefore
    let step = strip.layout.gatheredStep
    let inputRow = rows.tapInput(output: row, tap: 0)
    var whole = 0..<0
    var start: UnsafeRawPointer?
    if let inputRow {
      let above = (picture &* rows.input &+ inputRow) &* columns.input
      let left = (picture &+ 1) &* rows.input &* columns.input &- above
      // So many pixels are read in part.
      let reach = (strip.layout.depth &+ strip.layout.channels &- 1) / strip.layout.channels
      whole = columns.outputsWhole(first, count: count, last: left &- reach)
      let line = x + above &* pixelBytes
      start = line
      strip.listRow(
        strip.pointers + whole.lowerBound, whole.count,
        line + (first &+ whole.lowerBound &* columns.stride) &* pixelBytes,
        step: columns.stride &* pixelBytes)
    }
    var pixel = whole.isEmpty || whole.lowerBound > 0 ? 0 : whole.upperBound
    while pixel < count {
      gather(start, first &+ pixel &* columns.stride, strip.gathered + pixel &* step)
      strip.pointers[pixel] = UnsafeRawPointer(strip.gathered + pixel &* step)
      pixel = pixel &+ 1 == whole.lowerBound ? max(whole.upperBound, pixel &+ 1) : pixel &+ 1
    }
  }

  /// Copies a row of taps of each output. `start`: the input row, nil in the padding; `end`: where its
  /// picture ends.
  private func gather(
    _ start: UnsafeRawPointer?, end: UnsafeRawPointer, rowTap: Int, column: Int, count: Int
  ) {
    let rowBytes = columns.kernel &* strip.layout.channels &* strip.layout.elementBytes
    let target = strip.gathered + rowTap &* rowBytes
    let first = column &* columns.stride &- columns.padBefore
    let step = strip.layout.gatheredStep
    // What is copied too much is the next row's, or behind the last.
    let pieces = (rowBytes &+ 15) / 16
    var whole = 0..<0
    if let start, isContiguous, rowTap &* rowBytes &+ pieces &* 16 <= step {
      let room = end - start &- pieces &* 16
      whole = columns.outputsWhole(
        first, count: count, last: room < 0 ? -1 : room / pixelBytes)
      copyPieces(
        start + (first &+ whole.lowerBound &* columns.stride) &* pixelBytes,
        step: columns.stride &* pixelBytes, to: target + whole.lowerBound &* step, step: step,
        pieces: pieces, count: whole.count)
    }
    for pixel in 0..<whole.lowerBound {
      gather(start, first &+ pixel &* columns.stride, target + pixel &* step)
    }
    for pixel in whole.upperBound..<count {
      gather(start, first &+ pixel &* columns.stride, target + pixel &* step)
    }
  }

  #if arch(x86_64)
  /// Lists rows of taps where they lie, and gathers those that lie in the padding in part.
  private func listRows(picture: Int, row: Int, column: Int, count: Int) {
    let zeros = UnsafeRawPointer(strip.gathered)
    var gathered = strip.gathered
    let first = column &* columns.stride &- columns.padBefore
    let whole = columns.outputsWhole(first, count: count)
    for rowTap in 0..<rows.kernel {
      let list = strip.pointers + rowTap &* strip.layout.capacity
      let inputRow = rows.tapInput(output: row, tap: rowTap)
      var pixel = 0
      if let inputRow {
        let start = x + (picture &* rows.input &+ inputRow) &* columns.input &* pixelBytes
        while pixel < count {
          if pixel == whole.lowerBound && !whole.isEmpty {
            strip.listRow(
              list + pixel, whole.count, start + (first &+ pixel &* columns.stride) &* pixelBytes,
              step: columns.stride &* pixelBytes)
            pixel = whole.upperBound
            continue
          }
          gathered += strip.layout.rowStep
          gather(start, first &+ pixel &* columns.stride, gathered)
          list[pixel] = UnsafeRawPointer(gathered)
          pixel &+= 1
        }
      } else {
        while pixel < count {
          list[pixel] = zeros
          pixel &+= 1
        }
      }
      strip.repeatLast(list, pixels: count)
    }
  }
  #endif

  /// Copies a row of taps of one output, whose first is at `position`.
  private func gather(
    _ start: UnsafeRawPointer?, _ position: Int, _ target: UnsafeMutableRawPointer
  ) {
    let tapBytes = strip.layout.channels &* strip.layout.elementBytes
    let reach = (columns.kernel &- 1) &* columns.dilation
    if let start, isContiguous, position >= 0, position &+ reach < columns.input {
      copyBytes(start + position &* pixelBytes, to: target, columns.kernel &* tapBytes)
      return
    }
    for columnTap in 0..<columns.kernel {
      let tapPosition = position &+ columnTap &* columns.dilation
      var source = strip.zeros
      if let start, tapPosition >= 0, tapPosition < columns.input {
        source = start + tapPosition &* pixelBytes
      }
      copyBytes(source, to: target + columnTap &* tapBytes, tapBytes)
    }
  }
}

extension WindowAxis {
  /// Of `count` outputs whose windows begin at `position`, `position + stride`, ...: those whose window is
  /// inside the input and begins at or before `last`; may be empty.
  func outputsWhole(_ position: Int, count: Int, last: Int = .max) -> Range<Int> {
    let first = position < 0 ? min((stride &- 1 &- position) / stride, count) : 0
    let room = min(last, input &- 1 &- (kernel &- 1) &* dilation) &- position
    let end = room < 0 ? 0 : min(room / stride &+ 1, count)
    return first..<max(first, end)
  }
}

/// Copies `pieces` pieces of sixteen bytes from each of `count` places.
private func copyPieces(
  _ source: UnsafeRawPointer, step: Int, to target: UnsafeMutableRawPointer, step targetStep: Int,
  pieces: Int, count: Int
) {
  #if arch(arm64)
  if count > 0 { hr_copy_pieces(source, step, target, targetStep, pieces, count) }
  #else
  var source = source
  var target = target
  if pieces == 1 {
    for _ in 0..<count {
      copy16(source, to: target)
      source += step
      target += targetStep
    }
    return
  }
  for _ in 0..<count {
    copy16(source, to: target)
    copy16(source + 16, to: target + 16)
    var piece = 2
    while piece < pieces {
      copy16(source + piece &* 16, to: target + piece &* 16)
      piece &+= 1
    }
    source += step
    target += targetStep
  }
  #endif
}

/// Copies `count` bytes, few enough that a general copy would cost more.
@inline(never)
func copyBytes(
  _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int
) {
  var done = 0
  if count >= 16 {
    // The last piece may overlap the one before it.
    while done &+ 16 < count {
      copy16(source + done, to: target + done)
      done &+= 16
    }
    copy16(source + (count &- 16), to: target + (count &- 16))
    return
  }
  while done &+ 4 <= count {
    let word = source.loadUnaligned(fromByteOffset: done, as: UInt32.self)
    target.storeBytes(of: word, toByteOffset: done, as: UInt32.self)
    done &+= 4
  }
  while done < count {
    target.storeBytes(
      of: source.load(fromByteOffset: done, as: UInt8.self), toByteOffset: done, as: UInt8.self)
    done &+= 1
  }
}

@inline(__always)
private func copy16(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
  target.storeBytes(of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
}
