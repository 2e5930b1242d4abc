// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadraceIO

@c @implementation
public func hr_jpeg_orientation(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> UInt32 {
  UInt32(JPEGReader(bytes, byteCount, 0)?.orientation ?? 1)
}

extension JPEGReader {
  /// What the first Exif segment says of how the picture is turned; nil if there is none, or it says nothing that
  /// makes sense.
  fileprivate var orientation: Int? {
    var segment = metadata(from: 0)
    while segment.end > 0 {
      if let exif = ExifReader(UnsafeBufferPointer(rebasing: bytes[segment.begin..<segment.end])) {
        return exif.orientation
      }
      segment = metadata(from: segment.end)
    }
    return nil
  }
}

/// Reads the first directory of Exif: TIFF behind six bytes that name it (CIPA DC-008).
private struct ExifReader {
  private let tiff: UnsafeBufferPointer<UInt8>
  private let isLittleEndian: Bool

  /// nil unless the segment, from its marker on, is APP1 with Exif.
  init?(_ segment: UnsafeBufferPointer<UInt8>) {
    // Fill bytes may lie before the marker's code.
    guard let code = segment.firstIndex(where: { $0 != 0xff }), segment[code] == 0xe1 else {
      return nil
    }
    // Behind the code and the length.
    let name = code + 3
    guard segment.count >= name + 8, segment[name] == UInt8(ascii: "E"),
      segment[name + 1] == UInt8(ascii: "x"), segment[name + 2] == UInt8(ascii: "i"),
      segment[name + 3] == UInt8(ascii: "f"), segment[name + 4] == 0, segment[name + 5] == 0
    else { return nil }
    tiff = UnsafeBufferPointer(rebasing: segment[(name + 6)...])
    isLittleEndian = tiff[0] == UInt8(ascii: "I")
  }

  /// `count` bytes as a number; nil beyond the end.
  private func number(at position: Int, _ count: Int) -> Int? {
    guard position >= 0, position <= tiff.count - count else { return nil }
    var value = 0
    for index in 0..<count {
      value = value << 8 | Int(tiff[position + (isLittleEndian ? count - 1 - index : index)])
    }
    return value
  }

  /// The tag 0x0112, one SHORT from 1 to 8.
  var orientation: Int? {
    // An offset of two bytes more than a segment has leads nowhere, also where Int has 32 bits.
    guard let high = number(at: isLittleEndian ? 6 : 4, 2), high == 0,
      let directory = number(at: isLittleEndian ? 4 : 6, 2), let count = number(at: directory, 2)
    else { return nil }
    for index in 0..<count {
      let entry = directory + 2 + 12 * index
      guard let tag = number(at: entry, 2) else { return nil }
      guard tag == 0x0112 else { continue }
      guard number(at: entry + 2, 2) == 3, let value = number(at: entry + 8, 2),
        (1...8).contains(value)
      else { return nil }
      return value
    }
    return nil
  }
}
