import CHeadrace

/// The two innermost axes of a `StridedCopy`.
struct Plane {
  let rows: StridedCopy.Axis
  let columns: StridedCopy.Axis
  let elementBytes: Int

  func copy(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
    if columns.source == 1 && columns.destination == 1 {
      copyRows(source, destination)
      return
    }
    switch elementBytes {
    case 1: copyTiles(source, destination, UInt8.self)
    case 2: copyTiles(source, destination, UInt16.self)
    default: copyTiles(source, destination, UInt32.self)
    }
  }

  /// Rows whose elements lie side by side in both.
  private func copyRows(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
    let bytes = columns.extent &* elementBytes
    let (sourceStep, destinationStep) = (
      rows.source &* elementBytes, rows.destination &* elementBytes
    )
    var source = source
    var destination = destination
    var left = rows.extent
    if bytes > 16 && bytes <= 32 && left > 0 {
      hr_copy_short_rows(source, sourceStep, destination, destinationStep, bytes, left)
      return
    }
    #if arch(arm64)
    if bytes & 15 == 0 && bytes >= 32 && bytes <= 1024 && left > 0 {
      hr_copy_pieces(source, sourceStep, destination, destinationStep, bytes / 16, left)
      return
    }
    #endif
    if bytes >= 4 && bytes <= 16 {
      // In two pieces, which may overlap.
      if bytes < 8 {
        copyEnds(UInt32.self, source, destination, last: bytes &- 4)
      } else {
        copyEnds(UInt64.self, source, destination, last: bytes &- 8)
      }
      return
    }
    // A picture's three channels are cut out of many; of few bytes, a call would cost more than the copy.
    if bytes == 3 {
      #if arch(arm64)
      if sourceStep > 0 && destinationStep == bytes {
        let copied = hr_copy_threes(source, sourceStep, destination, left)
        source += copied &* sourceStep
        destination += copied &* bytes
        left &-= copied
      }
      #endif
      while left > 0 {
        let pair = source.loadUnaligned(as: UInt16.self)
        destination.storeBytes(
          of: source.load(fromByteOffset: 2, as: UInt8.self), toByteOffset: 2, as: UInt8.self)
        destination.storeBytes(of: pair, as: UInt16.self)
        source += sourceStep
        destination += destinationStep
        left &-= 1
      }
      return
    }
    while left > 0 {
      if bytes <= 64 {
        copyBytes(source, to: destination, bytes)
      } else {
        destination.copyMemory(from: source, byteCount: bytes)
      }
      source += sourceStep
      destination += destinationStep
      left &-= 1
    }
  }

  /// Rows as their first and their last word.
  @inline(__always)
  private func copyEnds<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer,
    last: Int
  ) {
    var source = source
    var destination = destination
    for _ in 0..<rows.extent {
      let end = source.loadUnaligned(fromByteOffset: last, as: type)
      destination.storeBytes(of: source.loadUnaligned(as: type), as: type)
      destination.storeBytes(of: end, toByteOffset: last, as: type)
      source += rows.source &* elementBytes
      destination += rows.destination &* elementBytes
    }
  }

  /// In tiles that leave both sides' cache lines in the first-level cache until they are used up.
  private func copyTiles<Element>(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ type: Element.Type
  ) {
    let from = source.assumingMemoryBound(to: type)
    let to = destination.assumingMemoryBound(to: type)
    let tile = 16
    var firstRow = 0
    while firstRow < rows.extent {
      let endRow = min(firstRow &+ tile, rows.extent)
      var firstColumn = 0
      while firstColumn < columns.extent {
        let endColumn = min(firstColumn &+ tile, columns.extent)
        for row in firstRow..<endRow {
          let from = from + row &* rows.source
          let to = to + row &* rows.destination
          for column in firstColumn..<endColumn {
            to[column &* columns.destination] = from[column &* columns.source]
          }
        }
        firstColumn = endColumn
      }
      firstRow = endRow
    }
  }
}
