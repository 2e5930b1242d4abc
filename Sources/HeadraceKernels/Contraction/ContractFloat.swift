import CHeadrace

/// Convolution, dense: float32. Each sum is in the order of the taps, whatever the tile.
func contractFloat(_ work: hr_contraction, _ strip: hr_strip) {
  let contraction = FloatContraction(work, strip)
  #if arch(arm64)
  contraction.run()
  #else
  if strip.pixels == 1 {
    // Bound by the weights: many channels at once keep the multipliers busy.
    var block = Int(strip.first_block)
    while block &+ 4 <= Int(strip.end_block) {
      contraction.sum(FloatTile1<FloatChannels32>.self, block: block, pixel: 0)
      block &+= 4
    }
    while block < Int(strip.end_block) {
      contraction.sum(FloatTile1<FloatChannels8>.self, block: block, pixel: 0)
      block &+= 1
    }
    return
  }
  contractFloatTiles(contraction, Int(strip.first_block)..<Int(strip.end_block))
  #endif
}

struct FloatContraction {
  let work: hr_contraction
  let strip: hr_strip
  let clamp: FloatClamp

  @inline(__always)
  init(_ work: hr_contraction, _ strip: hr_strip) {
    self.work = work
    self.strip = strip
    clamp = FloatClamp(work.epilogue)
  }

  var pixels: Int { Int(strip.pixels) }

  #if !arch(arm64)
  /// The pixels from `pixel` on, in tiles of four and fewer that waste little.
  @inline(__always)
  func sumRest<Channels: FloatChannels>(
    _ channels: Channels.Type, block: Int, pixel: Int
  ) {
    var pixel = pixel
    while pixels &- pixel >= 3 {
      sum(FloatTile4<Channels>.self, block: block, pixel: pixel)
      pixel &+= 4
    }
    if pixels &- pixel >= 2 {
      sum(FloatTile2<Channels>.self, block: block, pixel: pixel)
      pixel &+= 2
    }
    if pixel < pixels { sum(FloatTile1<Channels>.self, block: block, pixel: pixel) }
  }

  /// A block that wider tiles leave over, in tiles of eight pixels.
  @inline(__always)
  func sumLast(block: Int) {
    var pixel = 0
    while pixels &- pixel >= 5 {
      sum(FloatTile8<FloatChannels8>.self, block: block, pixel: pixel)
      pixel &+= 8
    }
    sumRest(FloatChannels8.self, block: block, pixel: pixel)
  }

  /// Sums, clamps and stores a tile.
  @inline(__always)
  func sum<Tile: FloatTile>(_ tile: Tile.Type, block: Int, pixel: Int) {
    sum(tile, block: block, pixel: pixel, bias: bias(tile, block: block))
  }

  /// The same for all tiles from the first pixel on that begin before `end`: what they share is found out once.
  @inline(never)
  func sumAll<Tile: FloatTile>(_ tile: Tile.Type, block: Int, end: Int) {
    let bias = bias(tile, block: block)
    var pixel = 0
    while pixel < end {
      sum(tile, block: block, pixel: pixel, bias: bias)
      pixel &+= Tile.pixels
    }
  }

  @inline(__always)
  private func bias<Tile: FloatTile>(_ tile: Tile.Type, block: Int) -> Tile.Channels {
    guard let bias = work.epilogue.bias else { return Tile.Channels(repeating: 0) }
    return Tile.Channels(bias.assumingMemoryBound(to: Float.self) + block &* 8, step: 8)
  }

  @inline(__always)
  private func sum<Tile: FloatTile>(
    _ tile: Tile.Type, block: Int, pixel: Int, bias: Tile.Channels
  ) {
    let channel = block &* 8
    let blockStep = Int(work.block_weights)
    let weights =
      work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + block &* blockStep
    var sums = Tile(bias: bias)
    let length = Int(strip.run_length)
    for run in 0..<Int(strip.run_count) {
      let x = Tile.inputs(strip.x + (run &* Int(strip.capacity) &+ pixel))
      let w = weights + Int(strip.weights[run])
      #if HEADRACE_VNNI
      addRun(&sums, x, w, step: blockStep, length: length, pixel: pixel)
      #else
      addRun(&sums, x, w, step: blockStep, length: length)
      #endif
    }
    let step = Int(strip.y_step)
    let place = channel &+ pixel &* step
    let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + place
    #if arch(x86_64)
    let isWhole =
      pixels &- pixel >= Tile.pixels
      && Int(work.channels) &- channel >= Tile.Channels.blocks &* 8
    if let addend = strip.addend?.assumingMemoryBound(to: Float.self) {
      guard isWhole else { return addPart(sums, addend + place, y, block: block, pixel: pixel) }
      sums.addAll(addend + place, step: step)
    }
    #endif
    if clamp.isBelow { sums.raise(to: clamp.low) }
    if clamp.isAbove { sums.lower(to: clamp.high) }
    #if HEADRACE_VNNI
    if isWhole { return sums.storeAll(y, step: step) }
    #endif
    sums.store(
      y, step: step, pixels: pixels &- pixel, channels: Int(work.channels) &- channel)
  }
  #endif
}
