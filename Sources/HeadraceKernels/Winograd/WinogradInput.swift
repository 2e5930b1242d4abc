import CHeadrace

#if !arch(arm64)

/// The points of a tile's inputs: B^T x B, rows first.
func winogradTransformInput(_ tile: hr_winograd_input) {
  let channels = Int(tile.channels)
  var channel = 0
  while channel &+ 8 <= channels {
    transform(tile, channel) { SIMD8<Float>.load($0) }
    channel &+= 8
  }
  if channel &+ 4 <= channels {
    transform(tile, channel) { SIMD4<Float>.load($0) }
    channel &+= 4
  }
  // Nothing behind a pixel's channels is read: it may not be there.
  switch channels &- channel {
  case 1: transform(tile, channel) { SIMD4($0[0], 0, 0, 0) }
  case 2: transform(tile, channel) { SIMD4($0[0], $0[1], 0, 0) }
  case 3: transform(tile, channel) { SIMD4($0[0], $0[1], $0[2], 0) }
  default: break
  }
}

@inline(__always)
private func transform<Vector: WinogradVector>(
  _ tile: hr_winograd_input, _ channel: Int, _ load: (UnsafePointer<Float>) -> Vector
) {
  let points = UnsafeMutableRawPointer(tile.scratch.unsafelyUnwrapped)
    .assumingMemoryBound(to: Vector.self)
  for row in 0..<6 {
    let x = tile.x.unsafelyUnwrapped + 6 &* row
    @inline(__always)
    func pixel(_ column: Int) -> Vector { load(x[column].unsafelyUnwrapped + channel) }
    let line = WinogradLine(
      pixel(0), pixel(1), pixel(2), pixel(3), pixel(4), pixel(5)
    ).transformedInputs
    (points + 6 &* row).initialize(to: line.p0)
    (points + (6 &* row &+ 1)).initialize(to: line.p1)
    (points + (6 &* row &+ 2)).initialize(to: line.p2)
    (points + (6 &* row &+ 3)).initialize(to: line.p3)
    (points + (6 &* row &+ 4)).initialize(to: line.p4)
    (points + (6 &* row &+ 5)).initialize(to: line.p5)
  }
  let step = Int(tile.point_step)
  var v = UnsafeMutableRawPointer(tile.v.unsafelyUnwrapped + channel)
  let rowBytes = 24 &* step
  for column in 0..<6 {
    let line = WinogradLine(
      points[column], points[column &+ 6], points[column &+ 12], points[column &+ 18],
      points[column &+ 24], points[column &+ 30]
    ).transformedInputs
    v.storeBytes(of: line.p0, as: Vector.self)
    (v + rowBytes).storeBytes(of: line.p1, as: Vector.self)
    (v + 2 &* rowBytes).storeBytes(of: line.p2, as: Vector.self)
    (v + 3 &* rowBytes).storeBytes(of: line.p3, as: Vector.self)
    (v + 4 &* rowBytes).storeBytes(of: line.p4, as: Vector.self)
    (v + 5 &* rowBytes).storeBytes(of: line.p5, as: Vector.self)
    v += 4 &* step
  }
}

#endif
