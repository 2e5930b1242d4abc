// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadraceIO

@c @implementation
public func hr_pnm_parse(
  _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ out: UnsafeMutablePointer<hr_pnm_info>?
) -> hr_pnm_result {
  guard let bytes, let out, byteCount > 0 else { return HR_PNM_NOT_BINARY }
  var reader = PortableAnymapReader(bytes: UnsafeBufferPointer(start: bytes, count: byteCount))
  return reader.read(into: &out.pointee)
}

/// Reads the header of a binary PGM (P5) or PPM (P6): the magic number, width, height and maximum in
/// ASCII, separated by white space and comments, then one white-space byte, then the samples.
struct PortableAnymapReader {
  let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func read(into info: inout hr_pnm_info) -> hr_pnm_result {
    guard bytes.count >= 3, bytes[0] == UInt8(ascii: "P"), isSpace(bytes[2]),
      bytes[1] == UInt8(ascii: "5") || bytes[1] == UInt8(ascii: "6")
    else { return HR_PNM_NOT_BINARY }
    info.channels = bytes[1] == UInt8(ascii: "6") ? 3 : 1
    position = 2
    guard let width = number(), let height = number(), let maximum = number(),
      position < bytes.count, isSpace(bytes[position]), width > 0, height > 0, maximum > 0
    else { return HR_PNM_BAD_HEADER }
    guard width <= HR_MAX_FRAME_SIDE, height <= HR_MAX_FRAME_SIDE else { return HR_PNM_TOO_LARGE }
    guard maximum <= 255 else { return HR_PNM_BAD_MAXIMUM }
    info.width = UInt32(width)
    info.height = UInt32(height)
    info.maximum = UInt32(maximum)
    info.data_offset = position + 1
    info.data_bytes = width * height * Int(info.channels)
    return info.data_bytes <= bytes.count - info.data_offset ? HR_PNM_OK : HR_PNM_TRUNCATED
  }

  /// A decimal number behind white space and comments; at most 65,536, the rest is not told apart.
  private mutating func number() -> Int? {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0a { position += 1 }
      } else if isSpace(bytes[position]) {
        position += 1
      } else {
        break
      }
    }
    var value: Int?
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      value = min((value ?? 0) * 10 + Int(bytes[position] - 0x30), 65_536)
      position += 1
    }
    return value
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
