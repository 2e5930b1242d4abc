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
