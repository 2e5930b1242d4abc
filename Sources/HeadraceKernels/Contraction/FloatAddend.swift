import CHeadrace

#if arch(x86_64)

extension FloatContraction {
  /// Adds, clamps and stores what there is of a tile that is not whole.
  @inline(__always)
  func addPart<Tile: FloatTile>(
    _ sums: Tile, _ addend: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, block: Int,
    pixel: Int
  ) {
    withUnsafeBytes(of: sums) {
      addElements(
        $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self),
        sumStep: Tile.Channels.blocks &* 8, addend, y, step: Int(strip.y_step),
        pixels: min(Tile.pixels, pixels &- pixel),
        channels: min(Tile.Channels.blocks &* 8, Int(work.channels) &- block &* 8), clamp)
    }
  }
}

/// `sums`: [pixels][sumStep].
@inline(never)
private func addElements(
  _ sums: UnsafePointer<Float>, sumStep: Int, _ addend: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, step: Int, pixels: Int, channels: Int, _ clamp: FloatClamp
) {
  for pixel in 0..<pixels {
    for channel in 0..<channels {
      let place = pixel &* step &+ channel
      y[place] = clampFloat(
        sums[pixel &* sumStep &+ channel] + addend[place], clamp.low, clamp.high)
    }
  }
}

#endif
