import CHeadrace

/// Which input elements the eight lanes of a block read.
private protocol Lanes {
  func load(_ x: UnsafePointer<Float>) -> SIMD8<Float>
  func widen<Element: IntegerActivation>(_ x: UnsafePointer<Element>) -> SIMD8<Int16>
}

/// Eight channels that follow one another.
private struct ContiguousLanes: Lanes {
  let channel: Int

  @inline(__always)
  func load(_ x: UnsafePointer<Float>) -> SIMD8<Float> { load8(x + channel) }

  @inline(__always)
  func widen<Element: IntegerActivation>(_ x: UnsafePointer<Element>) -> SIMD8<Int16> {
    Element.widen8(x + channel)
  }
}

/// Any channels: for a last block with fewer than eight, whose other lanes repeat the last channel,
/// and for depth multipliers.
private struct GatheredLanes: Lanes {
  var offsets = SIMD8<UInt32>()

  @inline(__always)
  init(_ work: hr_contraction, channel: Int) {
    for lane in 0..<8 {
      let output = min(UInt32(truncatingIfNeeded: channel &+ lane), work.channels &- 1)
      offsets[lane] = output / work.depth_multiplier
    }
  }

  @inline(__always)
  func load(_ x: UnsafePointer<Float>) -> SIMD8<Float> {
    var vector = SIMD8<Float>()
    for lane in 0..<8 { vector[lane] = x[Int(offsets[lane])] }
    return vector
  }

  @inline(__always)
  func widen<Element: IntegerActivation>(_ x: UnsafePointer<Element>) -> SIMD8<Int16> {
    var vector = SIMD8<Int16>()
    for lane in 0..<8 { vector[lane] = Int16(truncatingIfNeeded: x[Int(offsets[lane])]) }
    return vector
  }
}

extension hr_contraction {
  @inline(__always)
  fileprivate func readsContiguously(_ channel: Int) -> Bool {
    depth_multiplier == 1 && channel &+ 8 <= Int(channels)
  }
}

/// Depthwise convolution: float32.
func depthwiseFloat(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let w = weights + block &* Int(work.block_weights)
    var sums = TileSums(repeating: work.epilogue.bias8(channel, as: Float.self))
    if work.readsContiguously(channel) {
      accumulate(&sums, tile, w, ContiguousLanes(channel: channel))
    } else {
      accumulate(&sums, tile, w, GatheredLanes(work, channel: channel))
    }
    store8(work.epilogue.float(sums.pixel0), y + channel, count)
    if pixels > 1 { store8(work.epilogue.float(sums.pixel1), y + (channel &+ step), count) }
    if pixels > 2 { store8(work.epilogue.float(sums.pixel2), y + (channel &+ 2 &* step), count) }
    if pixels > 3 { store8(work.epilogue.float(sums.pixel3), y + (channel &+ 3 &* step), count) }
    block &+= 1
  }
}

/// Depthwise convolution: int8, sums in 32 bits.
func depthwiseInt8(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  let taps = 0..<Int(tile.run_count)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let w = weights + block &* Int(work.block_weights)
    let epilogue = EpilogueInt8(work.epilogue, channel: channel)
    var sums = TileSums(repeating: SIMD8<Int32>(repeating: 0))
    if work.readsContiguously(channel) {
      accumulate(&sums, tile, taps, w, Int8.self, ContiguousLanes(channel: channel))
    } else {
      accumulate(&sums, tile, taps, w, Int8.self, GatheredLanes(work, channel: channel))
    }
    store8(epilogue(sums.pixel0), y + channel, count)
    if pixels > 1 { store8(epilogue(sums.pixel1), y + (channel &+ step), count) }
    if pixels > 2 { store8(epilogue(sums.pixel2), y + (channel &+ 2 &* step), count) }
    if pixels > 3 { store8(epilogue(sums.pixel3), y + (channel &+ 3 &* step), count) }
    block &+= 1
  }
}

/// Depthwise convolution: int16 activations, int8 weights. Sums in 32 bits move to 64 bits before
/// they can overflow.
func depthwiseInt16(_ work: hr_contraction, _ tile: hr_contraction_tile) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
  let y = tile.y.unsafelyUnwrapped.assumingMemoryBound(to: Int16.self)
  let step = Int(tile.y_step)
  let pixels = Int(tile.pixels)
  var block = Int(tile.first_block)
  while block < Int(tile.end_block) {
    let channel = block &* Tile.channels
    let count = Int(work.channels) &- channel
    let w = weights + block &* Int(work.block_weights)
    var totals = TileSums(repeating: work.epilogue.bias8(channel, as: Int64.self))
    var sums = TileSums(repeating: SIMD8<Int32>(repeating: 0))
    var first = 0
    while first < Int(tile.run_count) {
      let end = min(first &+ exactProducts, Int(tile.run_count))
      if work.readsContiguously(channel) {
        accumulate(&sums, tile, first..<end, w, Int16.self, ContiguousLanes(channel: channel))
      } else {
        accumulate(&sums, tile, first..<end, w, Int16.self, GatheredLanes(work, channel: channel))
      }
      move(&sums, to: &totals)
      first = end
    }
    let epilogue = work.epilogue
    store8(epilogue.int16(totals.pixel0, channel), y + channel, count)
    if pixels > 1 { store8(epilogue.int16(totals.pixel1, channel), y + (channel &+ step), count) }
    if pixels > 2 {
      store8(epilogue.int16(totals.pixel2, channel), y + (channel &+ 2 &* step), count)
    }
    if pixels > 3 {
      store8(epilogue.int16(totals.pixel3, channel), y + (channel &+ 3 &* step), count)
    }
    block &+= 1
  }
}

@inline(__always)
private func accumulate<L: Lanes>(
  _ sums: inout TileSums<SIMD8<Float>>, _ tile: hr_contraction_tile,
  _ weights: UnsafePointer<Float>, _ lanes: L
) {
  var tap = 0
  while tap < Int(tile.run_count) {
    let x = RunInputs<Float>(tile, run: tap)
    let w = load8(weights + Int(tile.weights[tap]))
    sums.pixel0 = hr_mac_lanes_f32x8(sums.pixel0, w, lanes.load(x.pixel0))
    sums.pixel1 = hr_mac_lanes_f32x8(sums.pixel1, w, lanes.load(x.pixel1))
    sums.pixel2 = hr_mac_lanes_f32x8(sums.pixel2, w, lanes.load(x.pixel2))
    sums.pixel3 = hr_mac_lanes_f32x8(sums.pixel3, w, lanes.load(x.pixel3))
    tap &+= 1
  }
}

@inline(__always)
private func accumulate<Element: IntegerActivation, L: Lanes>(
  _ sums: inout TileSums<SIMD8<Int32>>, _ tile: hr_contraction_tile, _ taps: Range<Int>,
  _ weights: UnsafePointer<Int8>, _ type: Element.Type, _ lanes: L
) {
  var tap = taps.lowerBound
  while tap < taps.upperBound {
    let x = RunInputs<Element>(tile, run: tap)
    let w = hr_widen_i8x8(load8(weights + Int(tile.weights[tap])))
    sums.pixel0 = hr_mac_lanes_i16x8(sums.pixel0, w, lanes.widen(x.pixel0))
    sums.pixel1 = hr_mac_lanes_i16x8(sums.pixel1, w, lanes.widen(x.pixel1))
    sums.pixel2 = hr_mac_lanes_i16x8(sums.pixel2, w, lanes.widen(x.pixel2))
    sums.pixel3 = hr_mac_lanes_i16x8(sums.pixel3, w, lanes.widen(x.pixel3))
    tap &+= 1
  }
}

/// How many products of an int16 and an int8 a 32-bit sum surely holds: 511 * 2^15 * 2^7 < 2^31.
private var exactProducts: Int { 511 }

/// Empties 32-bit sums into 64-bit ones.
@inline(__always)
private func move(
  _ sums: inout TileSums<SIMD8<Int32>>, to totals: inout TileSums<SIMD8<Int64>>
) {
  totals.pixel0 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel0)
  totals.pixel1 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel1)
  totals.pixel2 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel2)
  totals.pixel3 &+= SIMD8<Int64>(truncatingIfNeeded: sums.pixel3)
  sums = TileSums(repeating: SIMD8(repeating: 0))
}
