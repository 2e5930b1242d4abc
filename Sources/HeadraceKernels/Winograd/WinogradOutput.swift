import CHeadrace

#if !arch(arm64)

/// The outputs of a tile: A^T m A, rows first, clamped.
func winogradTransformOutput(_ tile: hr_winograd_output) {
  if tile.size == 3 { transform(tile, size: 3) } else { transform(tile, size: 4) }
}

@inline(__always)
private func transform(_ tile: hr_winograd_output, size: UInt32) {
  let clamp = FloatClamp(low: tile.clamp_min, high: tile.clamp_max)
  let step = Int(tile.point_step)
  let outputs = Int(size)
  let lines = UnsafeMutableRawPointer(tile.scratch.unsafelyUnwrapped)
    .assumingMemoryBound(to: SIMD8<Float>.self)
  var channel = 0
  while channel < Int(tile.channels) {
    // Six rows of points become six rows of outputs, [size][6], of which columns become outputs.
    var m = tile.m.unsafelyUnwrapped + channel
    for row in 0..<6 {
      let line = WinogradLine<SIMD8<Float>>(
        load8(m), load8(m + step), load8(m + 2 &* step), load8(m + 3 &* step),
        load8(m + 4 &* step), load8(m + 5 &* step)
      ).transformedOutputs(size: size)
      (lines + row).initialize(to: line.y0)
      (lines + (row &+ 6)).initialize(to: line.y1)
      (lines + (row &+ 12)).initialize(to: line.y2)
      if size == 4 { (lines + (row &+ 18)).initialize(to: line.y3) }
      m += 6 &* step
    }
    let count = Int(tile.channels) &- channel
    let rows = Int(tile.rows)
    let rowStep = Int(tile.row_step)
    for column in 0..<min(outputs, Int(tile.columns)) {
      let column6 = lines + 6 &* column
      var line = WinogradLine<SIMD8<Float>>(
        column6[0], column6[1], column6[2], column6[3], column6[4], column6[5]
      ).transformedOutputs(size: size)
      line.clamp(clamp)
      let y = tile.y.unsafelyUnwrapped + (channel &+ column &* Int(tile.column_step))
      store8(line.y0, y, count)
      if rows > 1 { store8(line.y1, y + rowStep, count) }
      if rows > 2 { store8(line.y2, y + 2 &* rowStep, count) }
      if rows > 3 && size == 4 { store8(line.y3, y + 3 &* rowStep, count) }
    }
    channel &+= 8
  }
}

#endif
