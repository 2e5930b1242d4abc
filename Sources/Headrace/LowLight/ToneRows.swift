import CHeadrace

/// Applies a tone map to some rows of a frame, which may be where the result goes.
///
/// Three rows are kept as they were. What lies above and below was kept before, for others may have written
/// their rows by now.
struct ToneRows {
  let width: Int
  let height: Int
  /// [3][3 width]: row y lies in y mod 3.
  private let ring: UnsafeMutablePointer<UInt8>
  /// [2][3 width]: the rows above the first and below the last.
  private let edges: UnsafeMutablePointer<UInt8>
  /// [3 (width + 2)]: columns' sums, with one pixel more at both ends.
  private let sums: UnsafeMutablePointer<UInt16>

  static func byteCount(_ width: Int) -> Int {
    (5 * 3 * width + 2 * 3 * (width + 2) + 64 + 63) & ~63
  }

  init(_ width: Int, _ height: Int, in memory: UnsafeMutableRawPointer) {
    (self.width, self.height) = (width, height)
    sums = memory.assumingMemoryBound(to: UInt16.self)
    ring = UnsafeMutableRawPointer(sums + 3 * (width + 2)).assumingMemoryBound(to: UInt8.self)
    edges = ring + 9 * width
  }

  /// Memory for a row.
  var row: UnsafeMutablePointer<UInt8> { ring }

  private func mirrored(_ y: Int) -> Int {
    if height == 1 { return 0 }
    return y < 0 ? 0 &- y : y >= height ? 2 &* height &- 2 &- y : y
  }

  /// Keeps what lies around some rows.
  func keepEdges(_ rows: Range<Int>, of view: FrameView, _ kernels: UnsafePointer<hr_kernels>) {
    view.convert(row: mirrored(rows.lowerBound &- 1), from: 0, count: width, to: edges, kernels)
    view.convert(
      row: mirrored(rows.upperBound), from: 0, count: width, to: edges + 3 &* width, kernels)
  }

  func apply(
    _ table: ToneTable, _ rows: Range<Int>, of view: FrameView,
    _ kernels: UnsafePointer<hr_kernels>,
    to out: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    func load(_ y: Int) -> UnsafeMutablePointer<UInt8> {
      if y < rows.lowerBound { return edges }
      if y >= rows.upperBound { return edges + 3 &* width }
      let place = ring + (y % 3) &* 3 &* width
      view.convert(row: y, from: 0, count: width, to: place, kernels)
      return place
    }
    var above = load(rows.lowerBound &- 1)
    var here = load(rows.lowerBound)
    for y in rows {
      let below = load(y &+ 1)
      let result = out + y &* stride
      if table.strength > 0 {
        add(above, here, below)
        map(table, here, to: result)
      } else {
        result.update(from: here, count: 3 &* width)
      }
      (above, here) = (here, below)
    }
  }

  /// above + 2 here + below, and mirrored pixels at both ends.
  private func add(
    _ above: UnsafePointer<UInt8>, _ here: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>
  ) {
    let inner = sums + 3
    for index in 0..<3 &* width {
      inner[index] = UInt16(above[index]) &+ 2 &* UInt16(here[index]) &+ UInt16(below[index])
    }
    let next = width > 1 ? 3 : 0
    for channel in 0..<3 {
      sums[channel] = inner[next &+ channel]
      inner[3 &* width &+ channel] = inner[3 &* (width &- 1) &- next &+ channel]
    }
  }

  private func map(
    _ table: ToneTable, _ here: UnsafePointer<UInt8>, to out: UnsafeMutablePointer<UInt8>
  ) {
    let powers = table.powers
    let half = table.shift > 0 ? 1 &<< (table.shift &- 1) : 0 as Int32
    let (k, strength, shift) = (table.matrix, table.strength, table.shift)
    let offset = (table.offset[0] &+ half, table.offset[1] &+ half, table.offset[2] &+ half)
    for x in 0..<width {
      let sum = sums + 3 &* x
      @inline(__always) func power(_ channel: Int) -> Int32 {
        let code = sum[channel] &+ 2 &* sum[channel &+ 3] &+ sum[channel &+ 6]
        return Int32(powers[Int(code)])
      }
      let (r, g, b) = (power(0), power(1), power(2))
      let red = (k[0] &* r &+ k[1] &* g &+ k[2] &* b &+ offset.0) >> shift
      let green = (k[3] &* r &+ k[4] &* g &+ k[5] &* b &+ offset.1) >> shift
      let blue = (k[6] &* r &+ k[7] &* g &+ k[8] &* b &+ offset.2) >> shift
      let (pixel, old) = (out + 3 &* x, here + 3 &* x)
      pixel[0] = Self.mixed(red, old[0], strength)
      pixel[1] = Self.mixed(green, old[1], strength)
      pixel[2] = Self.mixed(blue, old[2], strength)
    }
  }

  @inline(__always)
  private static func mixed(_ value: Int32, _ old: UInt8, _ strength: Int32) -> UInt8 {
    let value = min(max(value, 0), 255)
    let old = Int32(old)
    return UInt8(truncatingIfNeeded: old &+ ((value &- old) &* strength &+ 128) &>> 8)
  }
}
