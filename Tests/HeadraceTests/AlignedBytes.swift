/// Memory that begins at a multiple of 64 bytes, as mmap and aligned_alloc give it.
final class AlignedBytes {
  let base: UnsafeMutableRawPointer
  let count: Int

  /// Not zero, so that nothing that is tested relies on memory that happens to be.
  init(count: Int, fill: UInt8 = 0xa5) {
    self.count = count
    base = .allocate(byteCount: max(count, 1), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: fill, count: count)
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    base.copyMemory(from: bytes, byteCount: bytes.count)
  }

  deinit { base.deallocate() }

  var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }
}

/// The little-endian bytes of some values, as they stand in a file.
func bytes<Element: BitwiseCopyable>(of values: [Element]) -> [UInt8] {
  values.withUnsafeBytes { [UInt8]($0) }
}

/// The values whose little-endian bytes are given.
func values<Element: BitwiseCopyable>(_ bytes: [UInt8], as type: Element.Type) -> [Element] {
  let size = MemoryLayout<Element>.size
  return bytes.withUnsafeBytes { raw in
    (0..<raw.count / size).map { raw.loadUnaligned(fromByteOffset: $0 * size, as: type) }
  }
}
