/// The two innermost axes of a `StridedCopy`.
struct Plane {
  let rows: StridedCopy.Axis
  let columns: StridedCopy.Axis
  let elementBytes: Int

  func copy(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
    if columns.source == 1 && columns.destination == 1 {
      for row in 0..<rows.extent {
        (destination + row * rows.destination * elementBytes).copyMemory(
          from: source + row * rows.source * elementBytes,
          byteCount: columns.extent * elementBytes)
      }
      return
    }
    switch elementBytes {
    case 1: copyTiles(source, destination, UInt8.self)
    case 2: copyTiles(source, destination, UInt16.self)
    default: copyTiles(source, destination, UInt32.self)
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
