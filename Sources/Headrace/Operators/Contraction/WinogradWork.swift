import CHeadrace

/// One part of a Winograd convolution while it runs.
struct WinogradWork {
  let tiles: WinogradTiles
  private let scratch: WinogradScratch
  private let kernels: UnsafePointer<hr_kernels>
  private let x: UnsafePointer<Float>
  private let y: UnsafeMutablePointer<Float>
  private let weights: UnsafePointer<Float>
  private let bias: UnsafePointer<Float>?
  private let clampMin: Int32
  private let clampMax: Int32

  /// Of all points the one whose products add to every output of a tile alike: the bias goes there.
  private static var biasPoint: Int { 7 }

  init(_ op: OperatorView, _ memory: SessionMemory, _ tiles: WinogradTiles) {
    let conv = op.parameters(hrm_conv.self)
    self.tiles = tiles
    scratch = WinogradScratch(tiles, memory.scratch)
    kernels = memory.kernels
    x = memory.read(op.input(0), as: Float.self)
    y = memory.write(op.output(), as: Float.self)
    weights = memory.read(op.input(1), as: Float.self)
    bias = op.optionalInput(2).map { memory.read($0, as: Float.self) }
    clampMin = conv.clamp_min
    clampMax = conv.clamp_max
  }

  /// Computes some tiles, at most a strip's.
  func run(_ range: Range<Int>) {
    for tile in range { transformInput(tile, at: tile &- range.lowerBound) }
    var block = 0
    while block < tiles.blocks {
      let blocks = min(tiles.chunkBlocks, tiles.blocks &- block)
      multiply(range.count, block, blocks)
      for tile in range { transformOutput(tile, at: tile &- range.lowerBound, block, blocks) }
      block &+= blocks
    }
  }

  private func place(_ tile: Int) -> (picture: Int, row: Int, column: Int) {
    let line = tile / tiles.tileColumns
    let picture = line / tiles.tileRows
    return (
      picture, (line &- picture &* tiles.tileRows) &* tiles.size,
      (tile &- line &* tiles.tileColumns) &* tiles.size
    )
  }

  private func transformInput(_ tile: Int, at index: Int) {
    let (picture, row, column) = place(tile)
    let stride = tiles.rows.stride
    let pixels = tiles.rows.input &* tiles.columns.input
    let picturePixels = x + picture &* pixels &* tiles.inputChannels
    var arguments = hr_winograd_input()
    arguments.x = UnsafePointer(scratch.pixels)
    arguments.channels = UInt32(tiles.inputChannels)
    arguments.point_step = tiles.capacity &* tiles.step
    arguments.scratch = scratch.transform
    for phase in 0..<tiles.phases {
      let firstRow = row &* stride &+ phase / stride &- tiles.rows.padBefore
      let firstColumn = column &* stride &+ phase % stride &- tiles.columns.padBefore
      listPixels(picturePixels, firstRow, firstColumn, stride)
      arguments.reads_on = readsOn(picture, firstRow, firstColumn) ? 1 : 0
      arguments.v = scratch.v + (index &* tiles.step &+ phase &* tiles.inputChannels)
      kernels.pointee.winograd.transform_input?(&arguments)
    }
  }

  /// Whether three floats behind the channels of a tile's pixels are the input's too. Of zeros they are always there.
  private func readsOn(_ picture: Int, _ row: Int, _ column: Int) -> Bool {
    let reach = (WinogradTiles.extent &- 1) &* tiles.rows.stride
    let lastRow = min(row &+ reach, tiles.rows.input &- 1)
    let lastColumn = min(column &+ reach, tiles.columns.input &- 1)
    let last =
      ((picture &* tiles.rows.input &+ lastRow) &* tiles.columns.input &+ lastColumn &+ 1)
      &* tiles.inputChannels
    return last &+ 3 <= tiles.pictures &* tiles.rows.input &* tiles.columns.input
      &* tiles.inputChannels
  }

  /// Lists the 6x6 pixels of a tile from (`row`, `column`) on, `stride` apart.
  private func listPixels(_ x: UnsafePointer<Float>, _ row: Int, _ column: Int, _ stride: Int) {
    let extent = WinogradTiles.extent
    let pixels = scratch.pixels
    let lastColumn = column &+ (extent &- 1) &* stride
    let isInside = column >= 0 && lastColumn < tiles.columns.input
    let step = stride &* tiles.inputChannels
    let lastRow = row &+ (extent &- 1) &* stride
    if isInside && row >= 0 && lastRow < tiles.rows.input {
      listInside(
        x + (row &* tiles.columns.input &+ column) &* tiles.inputChannels,
        rowStep: tiles.columns.input &* step, step: step)
      return
    }
    for line in 0..<extent {
      let inputRow = row &+ line &* stride
      let list = pixels + line &* extent
      guard inputRow >= 0 && inputRow < tiles.rows.input else {
        for place in 0..<extent { list[place] = UnsafePointer(scratch.zeros) }
        continue
      }
      let pixel = inputRow &* tiles.columns.input &+ column
      for place in 0..<extent {
        let offset = place &* stride
        let inputColumn = column &+ offset
        list[place] =
          inputColumn >= 0 && inputColumn < tiles.columns.input
          ? x + (pixel &+ offset) &* tiles.inputChannels : UnsafePointer(scratch.zeros)
      }
    }
  }

  /// Lists pixels that are all in the input, the first of them `first`: two at a time, for most are.
  private func listInside(_ first: UnsafePointer<Float>, rowStep: Int, step: Int) {
    var list = UnsafeMutableRawPointer(scratch.pixels)
    let bytes = UInt(bitPattern: step &* 4)
    var row = UInt(bitPattern: first)
    let pairBytes = MemoryLayout<SIMD2<UInt>>.size
    for _ in 0..<WinogradTiles.extent {
      var pair = SIMD2(row, row &+ bytes)
      for _ in 0..<WinogradTiles.extent / 2 {
        list.storeBytes(of: pair, as: SIMD2<UInt>.self)
        list += pairBytes
        pair &+= SIMD2(repeating: 2 &* bytes)
      }
      row &+= UInt(bitPattern: rowStep &* 4)
    }
  }

  /// The products of some tiles with `blocks` blocks of weights, point by point.
  private func multiply(_ count: Int, _ block: Int, _ blocks: Int) {
    var work = hr_contraction()
    work.block_weights = WinogradTiles.points &* tiles.depth &* 8
    work.weights = UnsafeRawPointer(weights + block &* work.block_weights)
    work.channels = UInt32(blocks &* 8)
    work.epilogue.clamp_min = Int32(bitPattern: (-Float.infinity).bitPattern)
    work.epilogue.clamp_max = Int32(bitPattern: Float.infinity.bitPattern)
    var strip = hr_strip()
    strip.capacity = UInt32(tiles.capacity)
    strip.run_count = 1
    strip.run_length = UInt32(tiles.depth)
    strip.pixels = UInt32(count)
    strip.end_block = UInt32(blocks)
    strip.y_step = tiles.chunkBlocks &* 8
    for point in 0..<WinogradTiles.points {
      let first = point &* tiles.capacity
      work.epilogue.bias =
        point == WinogradWork.biasPoint ? bias.map { UnsafeRawPointer($0 + block &* 8) } : nil
      strip.x = UnsafePointer(scratch.inputs + first)
      strip.weights = UnsafePointer(scratch.weights + point)
      strip.y = UnsafeMutableRawPointer(scratch.m + first &* strip.y_step)
      kernels.pointee.contraction.contract_f32?(&work, &strip)
    }
  }

  private func transformOutput(_ tile: Int, at index: Int, _ block: Int, _ blocks: Int) {
    let (picture, row, column) = place(tile)
    let channelStep = tiles.chunkBlocks &* 8
    let channel = block &* 8
    let pixel =
      (picture &* tiles.rows.output &+ row) &* tiles.columns.output &+ column
    var arguments = hr_winograd_output()
    arguments.m = scratch.m + index &* channelStep
    arguments.point_step = tiles.capacity &* channelStep
    arguments.size = UInt32(tiles.size)
    arguments.rows = UInt32(min(tiles.size, tiles.rows.output &- row))
    arguments.columns = UInt32(min(tiles.size, tiles.columns.output &- column))
    arguments.channels = UInt32(min(blocks &* 8, tiles.outputChannels &- channel))
    arguments.clamp_min = Float(bitPattern: UInt32(bitPattern: clampMin))
    arguments.clamp_max = Float(bitPattern: UInt32(bitPattern: clampMax))
    arguments.y = y + (pixel &* tiles.outputChannels &+ channel)
    arguments.row_step = tiles.columns.output &* tiles.outputChannels
    arguments.column_step = tiles.outputChannels
    arguments.scratch = scratch.transform
    kernels.pointee.winograd.transform_output?(&arguments)
  }
}
