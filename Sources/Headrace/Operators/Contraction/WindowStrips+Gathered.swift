import CHeadrace

/// Inputs of few channels, or of a number that kernels cannot take: copied so that a pixel has one run.
extension WindowStrips {
  /// A single tap need not be gathered where kernels may read on: weights behind its channels are 0. Those of int16
  /// read no further than four by four.
  var readsInPlace: Bool {
    strip.layout.taps == 1 && strip.layout.elementBytes == 2 && isContiguous
  }

  /// Lists the inputs of a single tap, and gathers those in the padding and at the picture's end.
  @inline(never)
  func listInPlace(picture: Int, row: Int, column: Int, count: Int) {
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
  func gather(
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
      if !whole.isEmpty {
        hr_copy_pieces(
          start + (first &+ whole.lowerBound &* columns.stride) &* pixelBytes,
          columns.stride &* pixelBytes, target + whole.lowerBound &* step, step, pieces,
          whole.count)
      }
    }
    for pixel in 0..<whole.lowerBound {
      gather(start, first &+ pixel &* columns.stride, target + pixel &* step)
    }
    for pixel in whole.upperBound..<count {
      gather(start, first &+ pixel &* columns.stride, target + pixel &* step)
    }
  }

  /// Copies a row of taps of one output, whose first is at `position`.
  @inline(never)
  func gather(
    _ start: UnsafeRawPointer?, _ position: Int, _ target: UnsafeMutableRawPointer
  ) {
    let tapBytes = strip.layout.channels &* strip.layout.elementBytes
    if isContiguous {
      let first = max(0, 0 &- position)
      let end = start == nil ? 0 : min(columns.kernel, columns.input &- position)
      let (bytes, inside) = (columns.kernel &* tapBytes, (end &- first) &* tapBytes)
      if inside < bytes {
        target.initializeMemory(
          as: UInt8.self, repeating: strip.zeros.load(as: UInt8.self), count: bytes)
      }
      if let start, inside > 0 {
        copyBytes(
          start + (position &+ first) &* pixelBytes, to: target + first &* tapBytes, inside)
      }
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

/// Copies `count` bytes, few enough that a general copy would cost more.
@inline(never)
func copyBytes(
  _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int
) {
  var done = 0
  if count >= 16 {
    // The last piece may overlap the one before it.
    while done &+ 16 < count {
      hr_copy_16(source + done, target + done)
      done &+= 16
    }
    hr_copy_16(source + (count &- 16), target + (count &- 16))
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
