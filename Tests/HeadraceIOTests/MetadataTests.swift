import CHeadraceIO
import Testing

/// What a JPEG says of itself beside its pixels.
@Suite struct MetadataTests {
  private func segment(_ code: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0xff, code, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
  }

  /// An Exif segment with one entry more before the orientation (CIPA DC-008, 4.5).
  private func exif(_ orientation: UInt8, littleEndian: Bool = true) -> [UInt8] {
    let little: [UInt8] = [
      0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0,  //
      0x0f, 0x01, 2, 0, 2, 0, 0, 0, 65, 0, 0, 0,  //
      0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
    ]
    let big: [UInt8] = [
      0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 2,  //
      0x01, 0x0f, 0, 2, 0, 0, 0, 2, 65, 0, 0, 0,  //
      0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
    ]
    return segment(0xe1, Array("Exif\0\0".utf8) + (littleEndian ? little : big))
  }

  private func picture(_ segments: [UInt8]) -> [UInt8] {
    let plain = jpeg(gradient(16, 16), 16, 16)
    return Array(plain[..<20]) + segments + Array(plain[20...])
  }

  private func orientation(_ bytes: [UInt8]) -> UInt32 { hr_jpeg_orientation(bytes, bytes.count) }

  @Test func theOrientationIsReadInBothByteOrders() {
    for value in 1...8 as ClosedRange<UInt8> {
      #expect(orientation(picture(exif(value))) == UInt32(value))
      #expect(orientation(picture(exif(value, littleEndian: false))) == UInt32(value))
      // Other metadata before it, and fill bytes before its marker.
      #expect(
        orientation(
          picture(segment(0xe1, Array("http".utf8)) + [0xff, 0xff] + exif(value)))
          == UInt32(value))
    }
  }

  @Test func aPictureThatSaysNothingSensibleIsUpright() {
    #expect(orientation(picture([])) == 1)
    #expect(orientation(picture(exif(0))) == 1)
    #expect(orientation(picture(exif(9))) == 1)
    #expect(orientation([]) == 1)
    #expect(hr_jpeg_orientation(nil, 10) == 1)
    // The first Exif counts, also where it says nothing.
    #expect(orientation(picture(exif(9) + exif(6))) == 1)
  }

  /// Every byte of it lies in turn, and it ends everywhere: what is said is one of the eight all the same.
  @Test func exifThatLiesIsReadNoFurtherThanItGoes() {
    for littleEndian in [true, false] {
      let body = Array(exif(6, littleEndian: littleEndian)[4...])
      for count in 0...body.count {
        let found = orientation(picture(segment(0xe1, Array(body[..<count]))))
        #expect(found == (count < 38 ? 1 : 6), "\(count) bytes")
        guard count < body.count else { continue }
        for value in [0, 1, 0x7f, 0xff] as [UInt8] {
          var lies = body
          lies[count] = value
          #expect((1...8).contains(orientation(picture(segment(0xe1, lies)))))
        }
      }
    }
  }

  private func kept(_ segments: [UInt8]) -> [UInt8] {
    let from = picture(segments)
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    #expect(hr_jpeg_encode(gradient(8, 8), 24, 8, 8, 90, &bytes, &count, nil) == HR_OK)
    let before = Array(UnsafeBufferPointer(start: bytes, count: count))
    #expect(hr_jpeg_keep_metadata(from, from.count, &bytes, &count, nil) == HR_OK)
    defer { hr_jpeg_free(bytes) }
    let after = Array(UnsafeBufferPointer(start: bytes, count: count))
    // Behind JFIF's segment, and nothing else changes.
    #expect(Array(after[..<20]) == Array(before[..<20]))
    #expect(Array(after.suffix(before.count - 20)) == Array(before[20...]))
    return Array(after[20..<20 + after.count - before.count])
  }

  @Test func metadataIsKeptButForWhatIsNotTrueOfANewPicture() {
    let profile = Array("ICC_PROFILE\0\u{1}\u{1}".utf8) + [UInt8](repeating: 0, count: 16)
    let color = segment(0xe2, profile + Array("RGB ".utf8))
    let comment = segment(0xfe, Array("by hand".utf8))
    #expect(kept(exif(6) + color + comment) == exif(6) + color + comment)
    #expect(kept(segment(0xe2, profile + Array("GRAY".utf8)) + comment) == comment)
    #expect(kept(segment(0xe2, Array("MPF\0II*\0".utf8)) + exif(3)) == exif(3))
    #expect(kept(segment(0xee, Array("Adobe".utf8))) == [])
    // Too short to be told apart.
    for body in ["", "MP", "ICC_PROFILE\0"] {
      #expect(kept(segment(0xe2, Array(body.utf8))) == segment(0xe2, Array(body.utf8)))
    }
  }
}
