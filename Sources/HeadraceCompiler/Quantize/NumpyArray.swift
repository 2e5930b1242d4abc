import Foundation

/// An array of numbers from a NumPy `.npy` file (versions 1 to 3).
struct NumpyArray {
  var shape: [Int]
  /// In C order.
  var elements: [Float]

  /// Reads float32, float64, int8, uint8, int16, int32 and int64, little-endian, C or Fortran order.
  init(contentsOf path: String) throws {
    try self.init([UInt8](readFile(path)), at: path)
  }

  init(_ bytes: [UInt8], at location: String) throws {
    func bad(_ what: String, remedy: String = "save it with numpy.save") -> CompilerError {
      CompilerError("\(what); \(remedy)", at: location)
    }
    guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)),
      (1...3).contains(bytes[6])
    else { throw bad("is not a .npy file of version 1 to 3") }
    let wide = bytes[6] >= 2
    let start = wide ? 12 : 10
    let length = (0..<(wide ? 4 : 2)).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    guard bytes.count >= start + length else { throw bad("is truncated") }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let description = Self.field("'descr':", in: header),
      let named = header.range(of: "'shape':"),
      let shape = header[named.upperBound...].split(
        separator: "(", omittingEmptySubsequences: false
      ).dropFirst().first?.split(separator: ")", omittingEmptySubsequences: false).first
    else { throw bad("has a header that cannot be read") }
    let extents = shape.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) }
    var count = 1
    for extent in extents {
      guard let extent, extent > 0, extent < 1 << 31, count < 1 << 31 else {
        throw bad("has a shape that makes no sense")
      }
      count *= extent
    }
    self.shape = extents.map { $0! }
    let body = bytes[(start + length)...]
    func decode<Element: BitwiseCopyable>(_ type: Element.Type, _ real: (Element) -> Float) throws
      -> [Float]
    {
      let size = MemoryLayout<Element>.size
      guard body.count / size >= count else { throw bad("is truncated") }
      return body.withUnsafeBytes { raw in
        (0..<count).map { real(raw.loadUnaligned(fromByteOffset: $0 * size, as: type)) }
      }
    }
    switch description {
    case "<f4": elements = try decode(Float.self) { $0 }
    case "<f8": elements = try decode(Double.self) { Float($0) }
    case "|i1": elements = try decode(Int8.self) { Float($0) }
    case "|u1": elements = try decode(UInt8.self) { Float($0) }
    case "<i2": elements = try decode(Int16.self) { Float($0) }
    case "<i4": elements = try decode(Int32.self) { Float($0) }
    case "<i8": elements = try decode(Int64.self) { Float($0) }
    default:
      throw bad(
        "holds elements of type \(description), which are not supported",
        remedy: "convert it with astype('<f4')")
    }
    guard elements.allSatisfy(\.isFinite) else {
      throw bad(
        "holds elements that are infinite or not numbers", remedy: "leave those samples out")
    }
    if header.contains("'fortran_order': True") { turnFromFortranOrder() }
  }

  /// The quoted text after `key`.
  private static func field(_ key: String, in header: String) -> String? {
    guard let range = header.range(of: key) else { return nil }
    let parts = header[range.upperBound...].split(separator: "'", maxSplits: 2)
    return parts.count > 1 ? String(parts[1]) : nil
  }

  private mutating func turnFromFortranOrder() {
    let source = elements
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<max(shape.count, 1) { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    for position in elements.indices {
      elements[position] = source[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }
}
