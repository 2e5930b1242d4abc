// Rows in steps of eight elements, and the last of a row, fewer than eight. Those are read and written out of
// line: each function of a kernel would carry a copy.

/// The first `count` elements at `pointer`, at most seven, and zeros.
@inline(never)
func loadPart(_ pointer: UnsafePointer<Float>, _ count: Int) -> SIMD8<Float> {
  var vector = SIMD8<Float>.zero
  for lane in 0..<count { vector[lane] = pointer[lane] }
  return vector
}

/// Stores the first `count` elements of `vector`, at most seven.
@inline(never)
func storePart(_ vector: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  for lane in 0..<count { pointer[lane] = vector[lane] }
}

/// Calls `eight` with the first index of every eight of `count`, and `one` with the others.
@inline(__always)
func inEights(_ count: Int, eight: (Int) -> Void, one: (Int) -> Void) {
  var index = 0
  while index &+ 8 <= count {
    eight(index)
    index &+= 8
  }
  while index < count {
    one(index)
    index &+= 1
  }
}
