import CHeadrace

#if arch(arm64)

/// The outputs of a tile: A^T m A, rows first, clamped. What rows become is written over their points.
func winogradTransformOutput(_ tile: hr_winograd_output) {
  let clamp = FloatClamp(low: tile.clamp_min, high: tile.clamp_max).known
  let step = 4 &* tile.point_step
  let rowStep = 4 &* tile.row_step
  let rows = Int(tile.rows)
  // Of three outputs the last also takes the last point.
  let last: Float = tile.size == 3 ? 1 : 0
  var channel = 0
  while channel < Int(tile.channels) {
    let first = tile.m.unsafelyUnwrapped + channel
    var x: UnsafePointer<Float>? = UnsafePointer(first)
    for _ in 0..<6 {
      var same = x
      // Or the addresses of loads would be kept for the stores.
      hr_load_anew(&same)
      var y = UnsafeMutablePointer(mutating: same)
      let line = outputs(&x, step: step, last)
      line.y0.put(&y, step: step)
      line.y1.put(&y, step: step)
      line.y2.put(&y, step: step)
      line.y3.put(&y, step: step)
    }
    let count = Int(tile.channels) &- channel
    for column in 0..<Int(tile.columns) {
      x = UnsafePointer(first + column &* tile.point_step)
      var line = outputs(&x, step: 6 &* step, last)
      line.clamp(clamp)
      let target = tile.y.unsafelyUnwrapped + (channel &+ column &* tile.column_step)
      var y: UnsafeMutablePointer<Float>? = target
      if count >= 8 && rows >= 3 {
        line.y0.put(&y, step: rowStep)
        line.y1.put(&y, step: rowStep)
        line.y2.put(&y, step: rowStep)
        if rows == 4 { line.y3.put(&y, step: rowStep) }
      } else {
        storePart(line, target, tile.row_step, rows, count)
      }
    }
    channel &+= 8
  }
}

/// Transforms eight channels of six points, and moves on behind them.
@inline(__always)
private func outputs(
  _ x: inout UnsafePointer<Float>?, step: Int, _ last: Float
) -> WinogradOutputs<SIMD8<Float>> {
  let points = WinogradLine<SIMD8<Float>>(
    .take(&x, step: step), .take(&x, step: step), .take(&x, step: step), .take(&x, step: step),
    .take(&x, step: step), .take(&x, step: step))
  let one = points.p1 + points.p2
  let oneOdd = points.p1 - points.p2
  let two = points.p3 + points.p4
  let twoOdd = points.p3 - points.p4
  let first = points.p0 + one + two
  let fourth = (oneOdd + points.p5).adding(8, twoOdd)
  return WinogradOutputs(
    y0: first, y1: oneOdd.adding(2, twoOdd), y2: one.adding(4, two).adding(last, points.p5),
    y3: fourth)
}

/// Stores some rows, and of each the first `count` channels, at most eight.
@inline(never)
private func storePart(
  _ line: WinogradOutputs<SIMD8<Float>>, _ y: UnsafeMutablePointer<Float>, _ step: Int,
  _ rows: Int, _ count: Int
) {
  withUnsafeBytes(of: line) {
    let sums = $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
    for row in 0..<rows {
      for channel in 0..<min(count, 8) { y[row &* step &+ channel] = sums[8 &* row &+ channel] }
    }
  }
}

#endif
