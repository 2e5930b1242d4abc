import CHeadrace

/// The scratch memory of a Winograd convolution.
struct WinogradScratch {
  /// A pixel of zeros, that the padding reads.
  let zeros: UnsafeMutablePointer<Float>
  /// The pixels of a tile, of one phase.
  let pixels: UnsafeMutablePointer<UnsafePointer<Float>?>
  /// HR_WINOGRAD_SCRATCH floats for transforms.
  let transform: UnsafeMutablePointer<Float>
  /// [points][tiles]: where each tile's channels at a point begin: what a contraction reads.
  let inputs: UnsafeMutablePointer<UnsafeRawPointer?>
  /// [points]: where each point's weights begin in a block.
  let weights: UnsafeMutablePointer<UInt32>
  /// [points][tiles][step]: transformed inputs.
  let v: UnsafeMutablePointer<Float>
  /// [points][tiles][channels of a chunk]: products.
  let m: UnsafeMutablePointer<Float>

  /// The same on every CPU, so that a file's scratch_bytes is right for all.
  private static var pointerBytes: Int { 8 }

  private static func sizes(
    _ tiles: WinogradTiles
  ) -> (zeros: Int, pixels: Int, inputs: Int, weights: Int, v: Int, m: Int) {
    let cells = WinogradTiles.points &* tiles.capacity
    return (
      aligned(tiles.inputChannels &* 4), aligned(WinogradTiles.points &* pointerBytes),
      aligned(cells &* pointerBytes), aligned(WinogradTiles.points &* 4),
      aligned(cells &* tiles.step &* 4), aligned(cells &* tiles.chunkBlocks &* 32)
    )
  }
  private static var transformBytes: Int { aligned(Int(HR_WINOGRAD_SCRATCH) &* 4) }

  static func byteCount(_ tiles: WinogradTiles) -> Int {
    let size = sizes(tiles)
    return size.zeros + size.pixels + transformBytes + size.inputs + size.weights + size.v + size.m
  }

  /// Lays out `scratch` and fills what stays the same while the operator runs.
  init(_ tiles: WinogradTiles, _ scratch: UnsafeMutableRawPointer) {
    let size = WinogradScratch.sizes(tiles)
    var next = scratch
    func take<Element>(_ bytes: Int, _ type: Element.Type) -> UnsafeMutablePointer<Element> {
      defer { next += bytes }
      return next.assumingMemoryBound(to: type)
    }
    zeros = take(size.zeros, Float.self)
    pixels = take(size.pixels, UnsafePointer<Float>?.self)
    transform = take(WinogradScratch.transformBytes, Float.self)
    inputs = take(size.inputs, UnsafeRawPointer?.self)
    weights = take(size.weights, UInt32.self)
    v = take(size.v, Float.self)
    m = take(size.m, Float.self)
    for channel in 0..<tiles.inputChannels { zeros[channel] = 0 }
    for point in 0..<WinogradTiles.points {
      weights[point] = UInt32(truncatingIfNeeded: point &* tiles.depth &* 8)
    }
    for cell in 0..<WinogradTiles.points &* tiles.capacity {
      inputs[cell] = UnsafeRawPointer(v + cell &* tiles.step)
    }
  }

  private static func aligned(_ bytes: Int) -> Int { (bytes &+ 63) & ~63 }
}
