import CHeadrace

#if arch(arm64)

extension FloatContraction {
  /// Tiles of four pixels by two blocks of eight channels: sixteen sums of four lanes, and eight inputs of each
  /// pixel in registers, so that a load serves sixteen multiply-accumulates by lane or more. A block that is left
  /// over makes tiles of eight channels. A last pixel alone is bound by the weights: many channels at once
  /// keep the multipliers busy.
  func run() {
    withUnsafePointer(to: SIMD32<Float>(repeating: 0)) {
      let zeros = UnsafeRawPointer($0).assumingMemoryBound(to: Float.self)
      let end = Int(strip.end_block)
      let whole = pixels & 3 == 1 ? pixels &- 1 : pixels
      var block = Int(strip.first_block)
      while block < end && whole > 0 {
        if block &+ 2 <= end {
          sum(FloatTileTwice<FloatTile4<FloatChannels8>>.self, block, 0..<whole, zeros)
          block &+= 2
        } else {
          sum(FloatTile4<FloatChannels8>.self, block, 0..<whole, zeros)
          block &+= 1
        }
      }
      block = Int(strip.first_block)
      while block < end && whole < pixels {
        if block &+ 4 <= end {
          sum(FloatTile1<FloatChannels32>.self, block, whole..<pixels, zeros)
          block &+= 4
        } else {
          sum(FloatTile1<FloatChannels8>.self, block, whole..<pixels, zeros)
          block &+= 1
        }
      }
    }
  }

  /// Sums, clamps and stores tiles of some pixels and of the channels of `block` and those behind it. A last tile
  /// stores what it has.
  @inline(__always)
  private func sum<Tile: FloatTile>(
    _ tile: Tile.Type, _ block: Int, _ range: Range<Int>, _ zeros: UnsafePointer<Float>
  ) {
    let channel = block &* 8
    let blockStep = Int(work.block_weights)
    let weights =
      work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + block &* blockStep
    let bias = work.epilogue.bias.map { $0.assumingMemoryBound(to: Float.self) + channel } ?? zeros
    let step = Int(strip.y_step)
    var y =
      strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
      + (channel &+ range.lowerBound &* step)
    let channels = min(Int(work.channels) &- channel, Tile.Channels.blocks &* 8)
    let wholeEnd = channels == Tile.Channels.blocks &* 8 ? range.upperBound : 0
    let offsets = strip.weights.unsafelyUnwrapped
    let offsetsEnd = offsets + Int(strip.run_count)
    var pixel = range.lowerBound
    repeat {
      var bias: UnsafePointer<Float>? = bias
      var sums = Tile(biasAt: &bias, channel: 0)
      var list = strip.x.unsafelyUnwrapped + pixel
      var offset = offsets
      // There may be none: outputs of a transposed convolution that no tap reaches.
      while offset != offsetsEnd {
        addRun(
          &sums, Tile.inputs(list), weights + Int(offset.pointee), step: blockStep,
          length: Int(strip.run_length))
        list += Int(strip.capacity)
        offset += 1
      }
      if clamp.isBelow { sums.raise(to: clamp.low) }
      if clamp.isAbove { sums.lower(to: clamp.high) }
      let first = pixel
      pixel &+= Tile.pixels
      if pixel <= wholeEnd {
        sums.store(y, step: step, pixels: Tile.pixels, channels: Tile.Channels.blocks &* 8)
      } else {
        withUnsafeBytes(of: sums) {
          storePart(
            $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self), Tile.pixels, y,
            step, pixels: min(Tile.pixels, range.upperBound &- first), channels: channels)
        }
      }
      y += Tile.pixels &* step
    } while pixel < range.upperBound
  }
}

/// Stores some pixels and channels of a tile's sums, which are [blocks][tilePixels][8].
@inline(never)
private func storePart(
  _ sums: UnsafePointer<Float>, _ tilePixels: Int, _ y: UnsafeMutablePointer<Float>, _ step: Int,
  pixels: Int, channels: Int
) {
  for pixel in 0..<pixels {
    for channel in 0..<channels {
      y[pixel &* step &+ channel] =
        sums[((channel >> 3) &* tilePixels &+ pixel) &* 8 &+ (channel & 7)]
    }
  }
}

/// Adds a run of `length` inputs of each pixel.
@inline(__always)
func addRun<Tile: FloatTile>(
  _ sums: inout Tile, _ x: Tile.Inputs, _ weights: UnsafePointer<Float>, step: Int, length: Int
) {
  var x = x
  var rows = Tile.Channels.rows(weights, step: step)
  var eights = UInt(bitPattern: length) >> 3
  while eights != 0 {
    let inputs = Tile.take(&x)
    sums.addTwoRows(&rows, inputs, lane: 0)
    sums.addTwoRows(&rows, inputs, lane: 2)
    sums.addTwoRows(&rows, inputs, lane: 4)
    sums.addTwoRows(&rows, inputs, lane: 6)
    eights &-= 1
  }
  guard length & 7 != 0 else { return }
  if length & 4 != 0 {
    let inputs = Tile.take4(&x)
    sums.addTwoRows(&rows, inputs, lane: 0)
    sums.addTwoRows(&rows, inputs, lane: 2)
  }
  var w = weights + (length & ~3) &* 8
  for k in 0..<length & 3 {
    sums.add(Tile.Channels(w, step: step), x, k)
    w += 8
  }
}

#endif
