import CHeadraceIO
import Testing

@Suite struct PictureParsingTests {
  private func find(_ bytes: [UInt8], from: Int = 0) -> (hr_jpeg_extent_kind, Int, Int) {
    let extent = hr_jpeg_find(bytes, bytes.count, from)
    return (extent.kind, extent.begin, extent.end)
  }

  @Test func picturesAreFoundBetweenGarbage() {
    let first = jpeg(gradient(16, 16), 16, 16)
    let second = jpeg(gradient(24, 8, seed: 1), 24, 8)
    let bytes = [0, 0xff, 0x00] + first + [0xff, 0xff, 7] + second + [0xff]
    #expect(find(bytes) == (HR_JPEG_WHOLE, 3, 3 + first.count))
    let start = 3 + first.count + 3
    #expect(find(bytes, from: 3 + first.count) == (HR_JPEG_WHOLE, start, start + second.count))
    #expect(find(bytes, from: start + second.count).0 == HR_JPEG_NONE)
  }

  @Test func aThumbnailInsideASegmentIsNoPicture() {
    let thumbnail = jpeg(gradient(8, 8), 8, 8)
    let outer = jpeg(gradient(16, 16), 16, 16)
    let length = thumbnail.count + 2
    let segment = [0xff, 0xe1, UInt8(length >> 8), UInt8(length & 255)] + thumbnail
    let bytes = Array(outer[..<2]) + segment + Array(outer[2...])
    #expect(find(bytes) == (HR_JPEG_WHOLE, 0, bytes.count))
  }

  @Test func everyTruncationIsReportedAsDamage() {
    let picture = jpeg(gradient(16, 16), 16, 16)
    for count in 3..<picture.count {
      #expect(find(Array(picture[..<count])) == (HR_JPEG_DAMAGED, 0, count), "\(count) bytes")
    }
  }

  @Test func aPictureBehindATruncatedOneIsFound() {
    let picture = jpeg(gradient(16, 16), 16, 16)
    let cut = picture.count - 20
    let bytes = Array(picture[..<cut]) + picture
    #expect(find(bytes) == (HR_JPEG_DAMAGED, 0, cut))
    #expect(find(bytes, from: cut) == (HR_JPEG_WHOLE, cut, bytes.count))
  }

  private func extents(_ bytes: [UInt8]) -> [(hr_jpeg_extent_kind, Int, Int)] {
    var found: [(hr_jpeg_extent_kind, Int, Int)] = []
    while let next = Optional(find(bytes, from: found.last?.2 ?? 0)), next.0 != HR_JPEG_NONE {
      found.append(next)
      if next.2 == bytes.count { break }
    }
    return found
  }

  @Test(arguments: [0, 1])
  func aSegmentThatIsShorterThanItsLengthTakesNoOtherPictureWithIt(length: UInt8) {
    let picture = jpeg(gradient(16, 16), 16, 16)
    let tables = picture.indices.first { picture[$0] == 0xff && picture[$0 + 1] == 0xdb }!
    var damaged = picture
    damaged[tables + 2] = 0
    damaged[tables + 3] = length
    let (one, two) = (picture.count, 2 * picture.count)
    let found = extents(damaged + picture + picture)
    #expect(found.map(\.0) == [HR_JPEG_DAMAGED, HR_JPEG_WHOLE, HR_JPEG_WHOLE])
    #expect(found.map(\.1) == [0, one, two])
  }

  @Test func whereverAPictureIsCutOffTheNextTwoAreFound() {
    let picture = jpeg(gradient(16, 16), 16, 16)
    // Before that it may by chance end where the next one has a marker.
    let frame = picture.indices.first { picture[$0] == 0xff && picture[$0 + 1] == 0xc0 }!
    for cut in frame..<picture.count {
      let found = extents(Array(picture[..<cut]) + picture + picture)
      #expect(
        found.map(\.0) == [HR_JPEG_DAMAGED, HR_JPEG_WHOLE, HR_JPEG_WHOLE], "after \(cut) bytes")
      #expect(found.map(\.1) == [0, cut, cut + picture.count], "after \(cut) bytes")
    }
  }

  @Test func nothingIsFoundInNothing() {
    #expect(find([]).0 == HR_JPEG_NONE)
    #expect(find([0xff, 0xd8]).0 == HR_JPEG_NONE)
    #expect(hr_jpeg_find(nil, 10, 0).kind == HR_JPEG_NONE)
  }

  private func parse(_ text: String, samples: Int) -> (hr_pnm_result, hr_pnm_info) {
    var info = hr_pnm_info()
    let bytes = Array(text.utf8) + [UInt8](repeating: 1, count: samples)
    return (hr_pnm_parse(bytes, bytes.count, &info), info)
  }

  @Test func headersMayHoldCommentsAndAnyWhiteSpace() {
    let (result, info) = parse("P6\n# made by hand\n 3\t2 # size\r\n255\n", samples: 18)
    #expect(result == HR_PNM_OK)
    #expect((info.width, info.height, info.channels, info.maximum) == (3, 2, 3, 255))
    #expect(info.data_bytes == 18)
    #expect(info.data_offset == 35)
  }

  @Test(arguments: [
    ("P3 1 1 255\n", HR_PNM_NOT_BINARY.rawValue), ("PX", HR_PNM_NOT_BINARY.rawValue),
    ("", HR_PNM_NOT_BINARY.rawValue), ("P5 0 4 255\n", HR_PNM_BAD_HEADER.rawValue),
    ("P5 4", HR_PNM_BAD_HEADER.rawValue), ("P5 -4 4 255\n", HR_PNM_BAD_HEADER.rawValue),
    ("P5 4 4 0\n", HR_PNM_BAD_HEADER.rawValue), ("P5 4 4 255", HR_PNM_BAD_HEADER.rawValue),
    ("P6 16385 1 255\n", HR_PNM_TOO_LARGE.rawValue),
    ("P6 99999999999999999999 1 255\n", HR_PNM_TOO_LARGE.rawValue),
    ("P6 1 1 65535\n", HR_PNM_BAD_MAXIMUM.rawValue),
    ("P6 16384 16384 255\n", HR_PNM_TRUNCATED.rawValue), ("P5 # 4", HR_PNM_BAD_HEADER.rawValue),
  ])
  func brokenHeadersAreToldApart(text: String, expected: UInt32) {
    #expect(parse(text, samples: 0).0.rawValue == expected)
  }

  @Test func aPictureOneSampleShortIsTruncated() {
    #expect(parse("P5 4 4 255\n", samples: 16).0 == HR_PNM_OK)
    #expect(parse("P5 4 4 255\n", samples: 15).0 == HR_PNM_TRUNCATED)
  }
}
