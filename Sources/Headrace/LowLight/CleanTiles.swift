import CHeadrace

/// A frame that is cleaned tile by tile.
struct CleanTiles {
  let network: CleanNetwork
  let width: Int
  let height: Int
  let local: LocalGamma?
  /// RGB24: the frame as it was, so that the result may take its place.
  let picture: UnsafeMutablePointer<UInt8>

  var columns: TileAxis { TileAxis(extent: width, tile: network.width) }
  var rows: TileAxis { TileAxis(extent: height, tile: network.height) }

  /// One of them: where it begins, and what is kept of it.
  struct Tile {
    let x: Int
    let y: Int
    let columns: Range<Int>
    let rows: Range<Int>

    init(_ tiles: CleanTiles, _ row: Int, _ column: Int) {
      (x, y) = (tiles.columns.start(column), tiles.rows.start(row))
      (columns, rows) = (tiles.columns.kept(column), tiles.rows.kept(row))
    }
  }

  /// Fills some rows of the network's inputs: a tile with tones mapped, filtered and as it is.
  func prepare(
    _ place: Tile, _ range: Range<Int>, _ table: ToneTable,
    _ memory: UnsafeMutableRawPointer, _ kernels: UnsafePointer<hr_kernels>
  ) {
    guard let filtered = network.sink(0, kernels), let plain = network.sink(1, kernels) else {
      return
    }
    let tile = ToneTile(picture, width, height, columns: network.width, in: memory)
    var tones = table.tones
    tones.strength = 256
    for row in range {
      tile.map(row: place.y &+ row, from: place.x, &tones, table.powers, local, kernels)
      filtered.write(tile.filtered, row: row, column: 0, count: network.width)
      plain.write(tile.plain, row: row, column: 0, count: network.width)
    }
  }

  /// Writes some of the rows that are kept of a finished tile.
  func finish(
    _ tile: Tile, _ range: Range<Int>, strength: Int32, to out: UnsafeMutablePointer<UInt8>,
    stride: Int
  ) {
    let columns = tile.columns
    for index in range {
      let row = tile.rows.lowerBound &+ index
      let result = out + (row &* stride &+ 3 &* columns.lowerBound)
      let count = 3 &* columns.count
      network.read(
        from: 3 &* ((row &- tile.y) &* network.width &+ columns.lowerBound &- tile.x), count,
        to: result)
      if strength < 256 {
        let before = picture + 3 &* (row &* width &+ columns.lowerBound)
        for i in 0..<count {
          let (old, new) = (Int32(before[i]), Int32(result[i]))
          result[i] = UInt8(truncatingIfNeeded: old &+ ((new &- old) &* strength &+ 128) &>> 8)
        }
      }
    }
  }
}
