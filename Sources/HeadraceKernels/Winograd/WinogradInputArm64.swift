import CHeadrace

#if arch(arm64)

/// The points of a tile's inputs: B^T x B, rows first. What they become is where columns are read, and their
/// points belong.
func winogradTransformInput(_ tile: hr_winograd_input) {
  let channels = Int(tile.channels)
  let pixels = tile.x.unsafelyUnwrapped
  transformRows(tile, channels / 8)
  var channel = 0
  while channel &+ 8 <= channels {
    transformColumns(tile, channel, SIMD8<Float>.self)
    channel &+= 8
  }
  guard channel < channels else { return }
  if tile.reads_on == 0 { return transformCopied(tile, channel) }
  while channel < channels {
    transformFour(tile, pixels, channel, channel)
    channel &+= 4
  }
}

/// Fewer than eight channels, the last, where nothing may be read behind them.
@inline(never)
private func transformCopied(_ tile: hr_winograd_input, _ first: Int) {
  let count = Int(tile.channels) &- first
  let copies = tile.scratch.unsafelyUnwrapped
  withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 36) { list in
    for pixel in 0..<36 {
      let copy = copies + 8 &* pixel
      for channel in 0..<count {
        copy[channel] = tile.x.unsafelyUnwrapped[pixel].unsafelyUnwrapped[first &+ channel]
      }
      list[pixel] = UnsafePointer(copy)
    }
    for channel in stride(from: 0, to: count, by: 4) {
      transformFour(
        tile, UnsafePointer(list.baseAddress.unsafelyUnwrapped), channel, first &+ channel)
    }
  }
}

/// Four channels: `channel` and those behind it, at `offset` of the pixels.
@inline(never)
private func transformFour(
  _ tile: hr_winograd_input, _ pixels: UnsafePointer<UnsafePointer<Float>?>, _ offset: Int,
  _ channel: Int
) {
  var x = pixels
  var v: UnsafeMutablePointer<Float>? = tile.v.unsafelyUnwrapped + channel
  for _ in 0..<6 {
    @inline(__always)
    func pixel(_ column: Int) -> SIMD4<Float> { .load(x[column].unsafelyUnwrapped + offset) }
    WinogradLine(pixel(0), pixel(1), pixel(2), pixel(3), pixel(4), pixel(5))
      .transformedInputs.put(&v, step: 4 &* tile.point_step)
    x += 6
  }
  transformColumns(tile, channel, SIMD4<Float>.self)
}

/// `count` times eight channels of all rows.
@inline(__always)
private func transformRows(_ tile: hr_winograd_input, _ count: Int) {
  let step = 4 &* tile.point_step
  var pixels = tile.x.unsafelyUnwrapped
  var first = tile.v.unsafelyUnwrapped
  for _ in 0..<6 {
    var (x0, x1, x2) = (pixels[0], pixels[1], pixels[2])
    var (x3, x4, x5) = (pixels[3], pixels[4], pixels[5])
    var left = count
    var v: UnsafeMutablePointer<Float>? = first
    while left != 0 {
      WinogradLine<SIMD8<Float>>(
        .take(&x0, step: 32), .take(&x1, step: 32), .take(&x2, step: 32), .take(&x3, step: 32),
        .take(&x4, step: 32), .take(&x5, step: 32)
      ).transformedInputs.put(&v, step: step)
      v = v.unsafelyUnwrapped - (6 &* tile.point_step &- 8)
      left &-= 1
    }
    pixels += 6
    first += 6 &* tile.point_step
  }
}

@inline(__always)
private func transformColumns<Vector: WinogradVector>(
  _ tile: hr_winograd_input, _ channel: Int, _ type: Vector.Type
) {
  let step = 24 &* tile.point_step
  var first = tile.v.unsafelyUnwrapped + channel
  for _ in 0..<6 {
    var x: UnsafePointer<Float>? = UnsafePointer(first)
    var v = x
    // Or the addresses of loads would be kept for the stores.
    hr_load_anew(&v)
    var target = UnsafeMutablePointer(mutating: v)
    WinogradLine<Vector>(
      .take(&x, step: step), .take(&x, step: step), .take(&x, step: step),
      .take(&x, step: step), .take(&x, step: step), .take(&x, step: step)
    ).transformedInputs.put(&target, step: step)
    first += tile.point_step
  }
}

extension WinogradLine {
  /// Stores its points, `step` bytes apart.
  @inline(__always)
  fileprivate func put(_ v: inout UnsafeMutablePointer<Float>?, step: Int) {
    p0.put(&v, step: step)
    p1.put(&v, step: step)
    p2.put(&v, step: step)
    p3.put(&v, step: step)
    p4.put(&v, step: step)
    p5.put(&v, step: step)
  }
}

#endif
