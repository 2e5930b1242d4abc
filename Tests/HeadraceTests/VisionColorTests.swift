import CHeadrace
import Testing

@testable import Headrace

@Suite struct VisionColorTests {
  /// The frame's pixels at their own size.
  private func pixels(
    _ format: hr_pixel_format, _ width: Int, _ height: Int, _ bytes: [UInt8],
    fullRange: Bool = false
  ) throws -> [UInt8] {
    var out = [UInt8](repeating: 0, count: width * height * 3)
    try bytes.withUnsafeBufferPointer {
      var frame = try FrameConversion.wrap(
        format, UInt32(width), UInt32(height), $0.baseAddress!, $0.count)
      frame.full_range = fullRange ? 1 : 0
      try FrameConversion.convert(
        frame, HR_FIT_STRETCH, HR_FILTER_AUTO, to: &out, stride: width * 3, width: UInt32(width),
        height: UInt32(height))
    }
    return out
  }

  @Test(arguments: [false, true])
  func everyCombinationOfChromaIsWithinOneOfBT601(fullRange: Bool) throws {
    // One row of NV12 for each U, a pair of pixels for each V; luma varies along.
    let width = 512
    for u in stride(from: 0, through: 255, by: 5) {
      var luma: [UInt8] = []
      var chroma: [UInt8] = []
      for v in 0..<256 {
        luma += [UInt8((v * 7 + u) % 256), UInt8((v * 13 + 3 * u) % 256)]
        chroma += [UInt8(u), UInt8(v)]
      }
      let out = try pixels(HR_NV12, width, 1, luma + chroma, fullRange: fullRange)
      let expected = ReferencePicture(width: width, height: 1) { x, _ in
        referenceRGB(y: luma[x], u: UInt8(u), v: UInt8(x / 2), fullRange: fullRange)
      }
      #expect(expected.largestError(out) <= 1)
    }
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 5), (7, 4), (641, 3)])
  func planarFormatsOfOddSizesReadTheirOwnChroma(width: Int, height: Int) throws {
    var source = ByteSource(seed: UInt64(width * 100 + height))
    let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
    let luma = source.bytes(width * height)
    let u = source.bytes(halfWidth * halfHeight)
    let v = source.bytes(halfWidth * halfHeight)
    let expected = ReferencePicture(width: width, height: height) { x, y in
      let chroma = y / 2 * halfWidth + x / 2
      return referenceRGB(y: luma[y * width + x], u: u[chroma], v: v[chroma], fullRange: false)
    }
    let uv = zip(u, v).flatMap { [$0, $1] }
    let vu = zip(u, v).flatMap { [$1, $0] }
    #expect(expected.largestError(try pixels(HR_NV12, width, height, luma + uv)) <= 1)
    #expect(expected.largestError(try pixels(HR_NV21, width, height, luma + vu)) <= 1)
    #expect(expected.largestError(try pixels(HR_I420, width, height, luma + u + v)) <= 1)
  }

  @Test func yuyvReadsTwoPixelsFromFourBytes() throws {
    var source = ByteSource(seed: 3)
    let bytes = source.bytes(6 * 2 * 4)
    let expected = ReferencePicture(width: 6, height: 4) { x, y in
      let pair = (y * 3 + x / 2) * 4
      return referenceRGB(
        y: bytes[pair + x % 2 * 2], u: bytes[pair + 1], v: bytes[pair + 3], fullRange: false)
    }
    #expect(expected.largestError(try pixels(HR_YUYV, 6, 4, bytes)) <= 1)
  }

  @Test func packedFormatsKeepTheirBytes() throws {
    var source = ByteSource(seed: 4)
    let rgb = source.bytes(5 * 3 * 3)
    let triples = stride(from: 0, to: rgb.count, by: 3).map { Array(rgb[$0..<$0 + 3]) }
    #expect(try pixels(HR_RGB24, 5, 3, rgb) == rgb)
    #expect(try pixels(HR_BGR24, 5, 3, triples.flatMap { [$0[2], $0[1], $0[0]] }) == rgb)
    #expect(try pixels(HR_RGBA32, 5, 3, triples.flatMap { $0 + [77] }) == rgb)
    let gray = source.bytes(15)
    #expect(try pixels(HR_GRAY8, 5, 3, gray) == gray.flatMap { [$0, $0, $0] })
  }

  @Test(
    arguments: [
      HR_BGR24, HR_RGBA32, HR_GRAY8, HR_YUYV, HR_NV12, HR_NV21, HR_I420,
    ].map(\.rawValue), [2, 14, 16, 18, 31, 100, 641])
  func aRowConvertedAloneIsThatOfTheWholePicture(format: UInt32, width: Int) throws {
    let format = hr_pixel_format(format)
    // YUYV has pairs alone.
    let width = format == HR_YUYV ? width & ~1 : width
    var source = ByteSource(seed: UInt64(width))
    let bytes = source.bytes(width * 3 * 4)
    var kernels = hr_kernels()
    hr_frame_kernels_baseline(&kernels)
    for fullRange in [false, true] {
      let expected = try pixels(format, width, 3, bytes, fullRange: fullRange)
      var rows = [UInt8](repeating: 0, count: 3 * 3 * width)
      try bytes.withUnsafeBufferPointer { bytes in
        var frame = try FrameConversion.wrap(
          format, UInt32(width), 3, bytes.baseAddress!, bytes.count)
        frame.full_range = fullRange ? 1 : 0
        let view = try FrameView(checking: frame)
        rows.withUnsafeMutableBufferPointer { rows in
          for y in 0..<3 {
            view.convert(
              row: y, count: width, to: rows.baseAddress! + 3 * width * y, &kernels)
          }
        }
      }
      #expect(rows == expected)
    }
  }

  @Test func lumaOfGrayIsTheGrayItself() {
    var kernels = hr_kernels()
    hr_frame_kernels_baseline(&kernels)
    let gray = (0...255).map { UInt8($0) }
    var out = [UInt8](repeating: 0, count: 256)
    kernels.frame.luma(gray.flatMap { [$0, $0, $0] }, 256, &out)
    #expect(out == gray)
  }
}
