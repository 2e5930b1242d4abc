/// How a contraction's outputs are shared out: by segments of rows, or by blocks of output channels
/// where there are few segments.
struct WorkSplit {
  /// Output rows, of all pictures of the batch.
  let rows: Int
  /// Output pixels of a row.
  let width: Int
  /// Blocks of eight output channels, of all groups.
  let blocks: Int
  /// Multiply-accumulate operations for one output element.
  let depth: Int
  /// Columns that a segment has at most: what a kernel takes at once.
  let segmentWidth: Int

  let segmentsPerRow: Int
  /// Columns of a segment: alike for all, since a last one of few pixels would not keep a CPU busy, and
  /// whole tiles where that fits.
  private let evenWidth: Int

  /// Below this another thread costs more than it saves.
  static var leastMacsPerPart: Int64 { 50_000 }

  /// `splitsOffFew`: whether a segment of up to four columns takes less than half the time of eight.
  @inline(never)
  init(
    rows: Int, width: Int, blocks: Int, depth: Int, segmentWidth: Int, splitsOffFew: Bool = false
  ) {
    self.rows = rows
    self.width = width
    self.blocks = blocks
    self.depth = depth
    self.segmentWidth = segmentWidth
    segmentsPerRow = (width &+ segmentWidth &- 1) / segmentWidth
    var evenWidth = (width &+ segmentsPerRow &- 1) / segmentsPerRow
    #if arch(x86_64)
    // Tiles of eight pixels repeat some that a segment does not have: a shorter last one costs less.
    let whole = (evenWidth &+ 7) & ~7
    let few = width % segmentWidth
    if splitsOffFew && few > 0 && few <= 4 {
      evenWidth = segmentWidth
    } else if whole <= segmentWidth && width &- whole &* (segmentsPerRow &- 1) >= min(8, width) {
      evenWidth = whole
    }
    #else
    for tile in stride(from: 12, through: 4, by: -8) {
      let whole = (evenWidth &+ tile &- 1) / tile &* tile
      let last = width &- whole &* (segmentsPerRow &- 1)
      if whole <= segmentWidth && last > whole / 4 {
        evenWidth = whole
        break
      }
    }
    #endif
    self.evenWidth = evenWidth
  }

  private var segments: Int { rows &* segmentsPerRow }

  func parts(threads: Int) -> Int {
    // Saturating: the factors are bounded by the file, their product is not.
    let outputs = Int64(rows) &* Int64(width) &* Int64(blocks) &* 8
    let (macs, overflow) = outputs.multipliedReportingOverflow(by: Int64(depth))
    let worthwhile = overflow ? Int64(threads) : macs / WorkSplit.leastMacsPerPart
    return max(1, min(threads, max(segments, blocks), Int(min(worthwhile, Int64(threads)))))
  }

  /// The segments and blocks that a part does.
  func ranges(part: Int, of parts: Int) -> (segments: Range<Int>, blocks: Range<Int>) {
    if segments >= blocks || segments >= 4 &* parts {
      return (partition(segments, part: part, of: parts), 0..<blocks)
    }
    return (0..<segments, partition(blocks, part: part, of: parts))
  }

  /// Where a segment lies.
  func place(segment: Int) -> (row: Int, columns: Range<Int>) {
    let row = segment / segmentsPerRow
    let first = (segment &- row &* segmentsPerRow) &* evenWidth
    return (row, first..<min(first &+ evenWidth, width))
  }
}
