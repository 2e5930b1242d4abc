import CHeadrace

/// What the resize of one strip of columns works in: 24 KB of the caller's stack.
struct StripMemory {
  static var columns: Int { 256 }
  static var runPixels: Int { 640 }

  let totals: UnsafeMutablePointer<UInt64>  // [columns][3]
  let taps: UnsafeMutablePointer<hr_taps>  // [columns]
  private let sums: UnsafeMutablePointer<UInt32>  // [2][columns][3] and four behind each
  let strip: UnsafeMutablePointer<UInt8>  // [columns][3]: finished pixels
  let pixels: UnsafeMutablePointer<UInt16>  // [runPixels][3]: source pixels of some rows, added up
  let run: UnsafeMutablePointer<UInt8>  // [runPixels][3]: converted source pixels

  /// 8-byte words: 3 + 2.5 + 3 + 0.375 a column and 1.125 a pixel of the run, and four behind sums.
  typealias Storage = InlineArray<2996, UInt64>

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
    pixels = (memory + 71 * Self.columns + 32).assumingMemoryBound(to: UInt16.self)
    run = (memory + 71 * Self.columns + 32 + 6 * Self.runPixels)
      .assumingMemoryBound(to: UInt8.self)
  }
}
