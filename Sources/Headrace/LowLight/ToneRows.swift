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

  private func mirrored(_ y: Int) -> Int {
    if height == 1 { return 0 }
    return y < 0 ? 0 &- y : y >= height ? 2 &* height &- 2 &- y : y
  }

  /// Keeps what lies around some rows.
  func keepEdges(_ rows: Range<Int>, of view: FrameView, _ kernels: UnsafePointer<hr_kernels>) {
    view.convert(row: mirrored(rows.lowerBound &- 1), count: width, to: edges, kernels)
    view.convert(
      row: mirrored(rows.upperBound), count: width, to: edges + 3 &* width, kernels)
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
      view.convert(row: y, count: width, to: place, kernels)
      return place
    }
    var tones = table.tones
    var above = load(rows.lowerBound &- 1)
    var here = load(rows.lowerBound)
    for y in rows {
      let below = load(y &+ 1)
      let result = out + y &* stride
      if table.strength > 0 {
        add(above, here, below, kernels)
        kernels.pointee.frame.tones(sums, here, width, &tones, table.powers, result)
      } else {
        UnsafeMutableRawPointer(result).copyMemory(from: here, byteCount: 3 &* width)
      }
      (above, here) = (here, below)
    }
  }

  /// above + 2 here + below, and mirrored pixels at both ends.
  private func add(
    _ above: UnsafePointer<UInt8>, _ here: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    let inner = sums + 3
    kernels.pointee.frame.binomial(above, here, below, 3 &* width, inner)
    let next = width > 1 ? 3 : 0
    for channel in 0..<3 {
      sums[channel] = inner[next &+ channel]
      inner[3 &* width &+ channel] = inner[3 &* (width &- 1) &- next &+ channel]
    }
  }
}
