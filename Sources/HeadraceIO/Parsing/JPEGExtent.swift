// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadraceIO

@c @implementation
public func hr_jpeg_find(
  _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ from: Int
) -> hr_jpeg_extent {
  JPEGReader(bytes, byteCount, from)?.find(from: from)
    ?? hr_jpeg_extent(kind: HR_JPEG_NONE, begin: 0, end: 0)
}

@c @implementation
public func hr_jpeg_next_metadata(
  _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ from: Int
) -> hr_jpeg_extent {
  JPEGReader(bytes, byteCount, from)?.metadata(from: from)
    ?? hr_jpeg_extent(kind: HR_JPEG_NONE, begin: 0, end: 0)
}

/// Finds where a JPEG begins and ends from its markers (ITU-T T.81, annex B), without decoding it.
struct JPEGReader {
  let bytes: UnsafeBufferPointer<UInt8>

  /// nil unless byte `from` is one of them.
  init?(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ from: Int) {
    guard let bytes, byteCount > 0, from >= 0, from < byteCount else { return nil }
    self.bytes = UnsafeBufferPointer(start: bytes, count: byteCount)
  }

  private enum Marker {
    static let startOfImage: UInt8 = 0xd8
    static let endOfImage: UInt8 = 0xd9
    static let startOfScan: UInt8 = 0xda
    static let application2: UInt8 = 0xe2
    /// APP1 ... APP15 but Adobe's APP14, and COM.
    static func isMetadata(_ code: UInt8) -> Bool {
      (0xe1...0xef).contains(code) && code != 0xee || code == 0xfe
    }
    /// TEM and RST0 ... RST7 have no length behind them.
    static func isAlone(_ code: UInt8) -> Bool { code == 0x01 || (0xd0...0xd7).contains(code) }
    /// SOF, DHT and SOS, in which an SOI with what follows it makes no sense: in no picture that can be decoded.
    static func neverHoldsStart(_ code: UInt8) -> Bool {
      (0xc0...0xcf).contains(code) || code == startOfScan
    }
  }

  func find(from: Int) -> hr_jpeg_extent {
    guard let begin = startOfImage(from: from) else {
      return hr_jpeg_extent(kind: HR_JPEG_NONE, begin: bytes.count, end: bytes.count)
    }
    var position = begin + 2
    var last = position
    while let (code, next) = marker(at: position) {
      last = position
      if code == Marker.endOfImage {
        return hr_jpeg_extent(kind: HR_JPEG_WHOLE, begin: begin, end: next)
      }
      if code == Marker.startOfImage { return damaged(begin, position) }
      position = next
      if Marker.isAlone(code) { continue }
      guard let end = segmentEnd(at: next) else { return damaged(begin, last) }
      if Marker.neverHoldsStart(code), let start = startOfImage(from: next, to: end) {
        return damaged(begin, start)
      }
      position = code == Marker.startOfScan ? scanEnd(from: end) : end
    }
    return damaged(begin, last)
  }

  func metadata(from: Int) -> hr_jpeg_extent {
    var position = from == 0 ? (startOfImage(from: 0).map { $0 + 2 } ?? bytes.count) : from
    while let (code, next) = marker(at: position), code != Marker.startOfScan,
      code != Marker.endOfImage, let end = segmentEnd(at: next)
    {
      if Marker.isMetadata(code), !(code == Marker.application2 && isOutdated(next + 2..<end)) {
        return hr_jpeg_extent(kind: HR_JPEG_WHOLE, begin: position, end: end)
      }
      position = end
    }
    return hr_jpeg_extent(kind: HR_JPEG_NONE, begin: 0, end: 0)
  }

  /// Of the body of an APP2: whether it says where more pictures lie behind this one (CIPA DC-007), or begins a profile
  /// of gray tones (ICC.1, whose header names its colors in bytes 16 to 19), which does not suit a picture in color.
  private func isOutdated(_ body: Range<Int>) -> Bool {
    let body = UnsafeBufferPointer(rebasing: bytes[body])
    return Self.has(body, "MPF\0", at: 0)
      || Self.has(body, "ICC_PROFILE\0", at: 0) && Self.has(body, "GRAY", at: 14 + 16)
  }

  private static func has(
    _ body: UnsafeBufferPointer<UInt8>, _ text: StaticString, at position: Int
  ) -> Bool {
    guard body.count >= position + text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount {
      guard body[position + index] == text.utf8Start[index] else { return false }
    }
    return true
  }

  /// A picture without an end: the next one is looked for from `position` on, the last marker that is surely its own. A
  /// length behind that may be wrong, or lead into the next picture where this one is cut off.
  private func damaged(_ begin: Int, _ position: Int) -> hr_jpeg_extent {
    let end = startOfImage(from: min(max(position, begin + 2), bytes.count)) ?? bytes.count
    return hr_jpeg_extent(kind: HR_JPEG_DAMAGED, begin: begin, end: end)
  }

  /// SOI is always followed by another marker.
  private func startOfImage(from: Int, to end: Int = .max) -> Int? {
    var i = from
    while i < min(bytes.count - 2, end) {
      if bytes[i] == 0xff, bytes[i + 1] == Marker.startOfImage, bytes[i + 2] == 0xff { return i }
      i += 1
    }
    return nil
  }

  /// The code of the marker at `position`, before which fill bytes may lie, and what follows it.
  private func marker(at position: Int) -> (code: UInt8, next: Int)? {
    var i = position
    guard i < bytes.count, bytes[i] == 0xff else { return nil }
    while i < bytes.count, bytes[i] == 0xff { i += 1 }
    guard i < bytes.count, bytes[i] != 0 else { return nil }
    return (bytes[i], i + 1)
  }

  /// The end of a segment whose length, which counts itself, lies at `position`.
  private func segmentEnd(at position: Int) -> Int? {
    guard position <= bytes.count - 2 else { return nil }
    let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
    guard length >= 2, length <= bytes.count - position else { return nil }
    return position + length
  }

  /// The first marker behind entropy-coded data, where 0xff is followed by 0 or by a restart.
  private func scanEnd(from: Int) -> Int {
    var i = from
    while i < bytes.count - 1 {
      if bytes[i] == 0xff {
        let code = bytes[i + 1]
        if code != 0, code != 0xff, !(0xd0...0xd7).contains(code) { return i }
      }
      i += 1
    }
    return bytes.count
  }
}
