import CHeadrace

/// Tones of a tile of a picture, filtered and as it is: what a clean network reads.
struct ToneTile {
  /// RGB24, rows one after another.
  let picture: UnsafePointer<UInt8>
  let width: Int
  let height: Int
  /// Columns of a tile.
  let columns: Int
  /// [3 (columns + 2)]: columns' sums, with one pixel more at both ends.
  private let sums: UnsafeMutablePointer<UInt16>
  /// RGB24: a row with tones mapped, filtered and as it is.
  let filtered: UnsafeMutablePointer<UInt8>
  let plain: UnsafeMutablePointer<UInt8>

  static func byteCount(_ columns: Int) -> Int {
    (6 * (columns + 2) + 2 * 3 * columns + 32 + 63) & ~63
  }

  init(
    _ picture: UnsafePointer<UInt8>, _ width: Int, _ height: Int, columns: Int,
    in memory: UnsafeMutableRawPointer
  ) {
    self.picture = picture
    (self.width, self.height, self.columns) = (width, height, columns)
    sums = memory.assumingMemoryBound(to: UInt16.self)
    filtered = UnsafeMutableRawPointer(sums + 3 * (columns + 2)).assumingMemoryBound(to: UInt8.self)
    plain = filtered + 3 * columns
  }

  /// Maps row `y` of the picture, from column `x` on. Beyond the picture its edge is repeated.
  func map(
    row y: Int, from x: Int, _ tones: inout hr_tones, _ powers: UnsafePointer<UInt16>,
    _ local: LocalGamma?, _ kernels: UnsafePointer<hr_kernels>
  ) {
    let y = min(y, height &- 1)
    let count = min(columns, width &- x)
    let here = picture + 3 &* (y &* width &+ x)
    let above = here + 3 &* width &* (neighbour(y, -1, of: height) &- y)
    let below = here + 3 &* width &* (neighbour(y, 1, of: height) &- y)
    let left = neighbour(x, -1, of: width) &- x
    let right = neighbour(x &+ count &- 1, 1, of: width) &- x
    kernels.pointee.frame.binomial(above, here, below, 3 &* count, sums + 3)
    for channel in 0..<3 {
      @inline(__always) func sum(_ column: Int) -> UInt16 {
        let place = 3 &* column &+ channel
        return UInt16(above[place]) &+ 2 &* UInt16(here[place]) &+ UInt16(below[place])
      }
      sums[channel] = sum(left)
      sums[3 &* count &+ 3 &+ channel] = sum(right)
    }
    kernels.pointee.frame.tones(sums, here, count, &tones, powers, filtered)
    kernels.pointee.frame.plain_tones(here, count, &tones, powers, plain)
    if let local {
      local.apply(filtered, count, from: x, row: y, width, height)
      local.apply(plain, count, from: x, row: y, width, height)
    }
    var place = 3 &* count
    while place < 3 &* columns {
      filtered[place] = filtered[place &- 3]
      plain[place] = plain[place &- 3]
      place &+= 1
    }
  }

  /// The next one, or beyond an edge the one on the other side.
  private func neighbour(_ index: Int, _ step: Int, of extent: Int) -> Int {
    let next = index &+ step
    return next >= 0 && next < extent ? next : extent > 1 ? index &- step : index
  }
}
