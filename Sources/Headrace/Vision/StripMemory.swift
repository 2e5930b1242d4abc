import CHeadrace

/// What the resize of one strip of columns works in: 25 KB of the caller's stack.
struct StripMemory {
  static var columns: Int { Int(HR_STRIP_COLUMNS) }
  static var runPixels: Int { 640 }

  let totals: UnsafeMutablePointer<UInt64>  // [columns][3]
  let taps: UnsafeMutablePointer<hr_taps>  // [columns]
  private let sums: UnsafeMutablePointer<UInt32>  // [2][columns][3] and four behind each
  let strip: UnsafeMutablePointer<UInt8>  // [columns][3]: finished pixels
  /// Source pixels of some rows, added up, for gathering: [runPixels][3].
  let pixels: UnsafeMutablePointer<UInt16>
  /// Source rows, added up as the format has them, with room for RGBA32 in `pixels`: [2][runPixels]. They are
  /// done with when the target's row is divided.
  let rows: UnsafeMutablePointer<UInt16>
  /// [3][columns]: finished columns, channels apart.
  var planes: UnsafeMutablePointer<UInt16> { rows }

  /// 8-byte words: 3 + 2.5 + 3 + 0.375 a column and 1.25 a pixel of the run, and four behind sums.
  typealias Storage = InlineArray<3076, UInt64>

  /// The sums of rows with an even index, or of those with an odd one.
  func sums(ofOdd isOdd: Bool) -> UnsafeMutablePointer<UInt32> {
    sums + (isOdd ? 3 &* Self.columns &+ 4 : 0)
  }

  /// Calls `body` with memory that lives as long as the call.
  static func withMemory(_ body: (StripMemory) -> Void) {
    var storage = Storage(repeating: 0)
    withUnsafeMutablePointer(to: &storage) { body(StripMemory(UnsafeMutableRawPointer($0))) }
  }

  private init(_ memory: UnsafeMutableRawPointer) {
    totals = memory.assumingMemoryBound(to: UInt64.self)
    taps = (memory + 24 * Self.columns).assumingMemoryBound(to: hr_taps.self)
    sums = (memory + 44 * Self.columns).assumingMemoryBound(to: UInt32.self)
    strip = (memory + 68 * Self.columns + 32).assumingMemoryBound(to: UInt8.self)
    rows = (memory + 71 * Self.columns + 32).assumingMemoryBound(to: UInt16.self)
    pixels = rows + 2 * Self.runPixels
  }
}
