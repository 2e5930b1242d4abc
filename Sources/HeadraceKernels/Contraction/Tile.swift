import CHeadrace

/// The shape of the baseline's tiles: four pixels by eight output channels, whose sums stay in
/// registers on every CPU with 16 vector registers or more.
enum Tile {
  static var pixels: Int { 4 }
  static var channels: Int { 8 }
}

/// Eight sums for each pixel of a tile.
struct TileSums<Vector> {
  var pixel0: Vector
  var pixel1: Vector
  var pixel2: Vector
  var pixel3: Vector

  @inline(__always)
  init(repeating vector: Vector) {
    pixel0 = vector
    pixel1 = vector
    pixel2 = vector
    pixel3 = vector
  }
}

/// Eight elements at `pointer`, of any alignment.
@inline(__always)
func load8<Element>(_ pointer: UnsafePointer<Element>) -> SIMD8<Element>
where Element: SIMDScalar & BitwiseCopyable {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Element>.self)
}

/// Stores the first `count` elements of `vector`, at most eight.
@inline(__always)
func store8<Element>(
  _ vector: SIMD8<Element>, _ pointer: UnsafeMutablePointer<Element>, _ count: Int
)
where Element: SIMDScalar & BitwiseCopyable {
  if count >= 8 {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD8<Element>.self)
  } else {
    for lane in 0..<count { pointer[lane] = vector[lane] }
  }
}
