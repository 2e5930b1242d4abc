import CHeadraceIO
import Testing

@Suite struct JPEGTests {
  private func decode(_ bytes: [UInt8], minimum: UInt32 = 0) -> (status: hr_status, rgb: [UInt8]) {
    var info = freshInfo()
    let status = hr_jpeg_inspect(bytes, bytes.count, minimum, minimum, &info, nil)
    guard status == HR_OK else { return (status, []) }
    var rgb = [UInt8](repeating: 0, count: info.rgb_bytes)
    return (hr_jpeg_decode(bytes, bytes.count, &info, &rgb, rgb.count, nil), rgb)
  }

  @Test(arguments: [(16, 16), (33, 17), (1, 1), (640, 480)])
  func aSmoothPictureSurvivesEncodingAndDecoding(width: Int, height: Int) {
    let rgb = gradient(width, height)
    let (status, out) = decode(jpeg(rgb, width, height, quality: 100))
    #expect(status == HR_OK)
    let error = zip(rgb, out).map { abs(Int($0) - Int($1)) }
    // 4:2:0 blurs colour where the gradient wraps; on the mean that is next to nothing.
    #expect(error.reduce(0, +) <= 4 * error.count)
  }

  @Test(
    arguments: [
      (0, 640, 480), (224, 320, 240), (240, 320, 240), (241, 640, 480), (120, 160, 120),
      (60, 80, 60), (1, 80, 60), (500, 640, 480),
    ] as [(UInt32, UInt32, UInt32)])
  func theSmallestScaleThatIsLargeEnoughIsChosen(minimum: UInt32, width: UInt32, height: UInt32) {
    let bytes = jpeg(gradient(640, 480), 640, 480)
    var info = freshInfo()
    #expect(hr_jpeg_inspect(bytes, bytes.count, minimum, minimum, &info, nil) == HR_OK)
    #expect((info.width, info.height) == (640, 480))
    #expect((info.decoded_width, info.decoded_height) == (width, height))
    #expect(info.rgb_bytes == Int(width * height * 3))
    #expect(decode(bytes, minimum: minimum).status == HR_OK)
  }

  @Test func everyTruncationIsABadPicture() {
    let bytes = jpeg(gradient(64, 48), 64, 48)
    for count in 0..<bytes.count - 2 {
      #expect(decode(Array(bytes[..<count])).status == HR_BAD_PICTURE, "\(count) bytes")
    }
  }

  @Test func damageInTheEntropyCodedDataIsABadPictureOrDecodes() {
    let bytes = jpeg(gradient(64, 48), 64, 48)
    for position in stride(from: 0, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[position] ^= 0x55
      let status = decode(damaged).status
      #expect(status == HR_OK || status == HR_BAD_PICTURE)
    }
  }

  @Test func absurdSizesAreRefusedFromTheHeader() {
    var bytes = jpeg(gradient(16, 16), 16, 16)
    let frame = bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 }!
    for (height, width) in [(16, 65_500), (65_500, 16), (16_000, 16_000)] {
      bytes[frame + 5] = UInt8(height >> 8)
      bytes[frame + 6] = UInt8(height & 255)
      bytes[frame + 7] = UInt8(width >> 8)
      bytes[frame + 8] = UInt8(width & 255)
      var info = freshInfo()
      #expect(hr_jpeg_inspect(bytes, bytes.count, 0, 0, &info, nil) == HR_BAD_PICTURE)
    }
  }

  @Test func aGrayPictureBecomesRGB() {
    // The encoder writes colour; a gray JPEG from cjpeg's own output, 8 x 8 of value 128.
    let (status, rgb) = decode(grayJPEG)
    #expect(status == HR_OK)
    #expect(rgb.count == 8 * 8 * 3)
    #expect(rgb.allSatisfy { abs(Int($0) - 128) <= 1 })
  }

  @Test func aPictureInCMYKIsRefusedByName() {
    var bytes = jpeg(gradient(16, 16), 16, 16)
    // Four components with ids of their own: CMYK, for want of an Adobe marker.
    let frame = bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 }!
    bytes[frame + 3] = 20
    bytes[frame + 9] = 4
    bytes.insert(contentsOf: [4, 0x11, 0], at: frame + 19)
    let scan = bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xda }!
    bytes[scan + 3] = 14
    bytes[scan + 4] = 4
    bytes.insert(contentsOf: [4, 0], at: scan + 11)
    var info = freshInfo()
    var error = freshError()
    #expect(hr_jpeg_inspect(bytes, bytes.count, 0, 0, &info, &error) == HR_BAD_PICTURE)
    #expect(message(error).contains("CMYK"))
  }

  @Test func decodingNeedsTheInfoAndRoomThatInspectionAsksFor() {
    let bytes = jpeg(gradient(16, 16), 16, 16)
    var info = freshInfo()
    #expect(hr_jpeg_inspect(bytes, bytes.count, 0, 0, &info, nil) == HR_OK)
    var rgb = [UInt8](repeating: 0, count: info.rgb_bytes)
    #expect(
      hr_jpeg_decode(bytes, bytes.count, &info, &rgb, rgb.count - 1, nil) == HR_BUFFER_TOO_SMALL)
    info.decoded_width = 15
    #expect(
      hr_jpeg_decode(bytes, bytes.count, &info, &rgb, rgb.count, nil) == HR_INVALID_ARGUMENT)
  }

  @Test(arguments: [0, 101])
  func qualitiesOutsideOneToAHundredAreRefused(quality: UInt32) {
    var out: UnsafeMutablePointer<UInt8>?
    var count = 0
    #expect(
      hr_jpeg_encode(gradient(2, 2), 6, 2, 2, quality, &out, &count, nil) == HR_INVALID_ARGUMENT)
    #expect(out == nil)
  }
}

/// Written by Pillow: Image.new("L", (8, 8), 128).save(..., quality=50, optimize=True)
private let grayJPEG: [UInt8] = [
  0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00,
  0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x10, 0x0b, 0x0c,
  0x0e, 0x0c, 0x0a, 0x10, 0x0e, 0x0d, 0x0e, 0x12, 0x11, 0x10, 0x13, 0x18, 0x28, 0x1a,
  0x18, 0x16, 0x16, 0x18, 0x31, 0x23, 0x25, 0x1d, 0x28, 0x3a, 0x33, 0x3d, 0x3c, 0x39,
  0x33, 0x38, 0x37, 0x40, 0x48, 0x5c, 0x4e, 0x40, 0x44, 0x57, 0x45, 0x37, 0x38, 0x50,
  0x6d, 0x51, 0x57, 0x5f, 0x62, 0x67, 0x68, 0x67, 0x3e, 0x4d, 0x71, 0x79, 0x70, 0x64,
  0x78, 0x5c, 0x65, 0x67, 0x63, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x08, 0x00, 0x08,
  0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xc4,
  0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00,
  0x3f, 0x00, 0x3f, 0xff, 0xd9,
]
