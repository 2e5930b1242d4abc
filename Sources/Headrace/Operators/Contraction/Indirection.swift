import CHeadrace

/// The scratch memory of a contraction: a row of zero points that padding reads, and a tile's list of
/// runs.
struct Indirection {
  let zeros: UnsafeRawPointer
  let pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  let weights: UnsafeMutablePointer<UInt32>
  /// How many pointers a run has.
  let tilePixels: Int

  /// The same on every CPU, so that a file's scratch_bytes is right for all.
  private static var pointerBytes: Int { 8 }

  static func scratchBytes(runs: Int, zeroBytes: Int) -> Int {
    aligned(zeroBytes) + aligned(runs * Int(HR_MAX_TILE_PIXELS) * pointerBytes) + aligned(runs * 4)
  }

  /// Lays out `scratch` and fills the row with `x`'s zero point.
  init(_ memory: SessionMemory, runs: Int, zeroBytes: Int, _ x: hrm_tensor) {
    memory.scratch.initializeMemory(
      as: UInt8.self, repeating: UInt8(truncatingIfNeeded: x.zero_point), count: zeroBytes)
    let list = memory.scratch + Indirection.aligned(zeroBytes)
    let offsets =
      list + Indirection.aligned(runs &* Int(HR_MAX_TILE_PIXELS) &* Indirection.pointerBytes)
    zeros = UnsafeRawPointer(memory.scratch)
    pointers = list.assumingMemoryBound(to: UnsafeRawPointer?.self)
    weights = offsets.assumingMemoryBound(to: UInt32.self)
    tilePixels = Int(memory.kernels.pointee.contraction.tile_pixels)
  }

  /// Sets run `run`: `pixels` pointers from `first` on, `step` bytes apart; the tile's other pixels
  /// repeat the last.
  func set(run: Int, weights offset: Int, pixels: Int, first: UnsafeRawPointer, step: Int) {
    weights[run] = UInt32(truncatingIfNeeded: offset)
    let list = pointers + run &* tilePixels
    var x = first
    for pixel in 0..<tilePixels {
      list[pixel] = x
      if pixel &+ 1 < pixels { x += step }
    }
  }

  /// Sets one pointer of a run, and those of the tile's pixels behind it.
  func set(run: Int, pixel: Int, _ x: UnsafeRawPointer) {
    let list = pointers + run &* tilePixels
    for later in pixel..<tilePixels { list[later] = x }
  }

  private static func aligned(_ bytes: Int) -> Int { (bytes + 63) & ~63 }
}
