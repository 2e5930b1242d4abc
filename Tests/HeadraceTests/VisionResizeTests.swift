import CHeadrace
import Testing

@testable import Headrace

@Suite struct VisionResizeTests {
  struct Sizes: CustomTestStringConvertible {
    let source: (Int, Int)
    let target: (Int, Int)
    init(_ source: (Int, Int), _ target: (Int, Int)) {
      (self.source, self.target) = (source, target)
    }
    var testDescription: String { "\(source) to \(target)" }
  }

  static let sizes = [
    Sizes((64, 48), (22, 22)), Sizes((31, 17), (31, 17)), Sizes((5, 7), (13, 9)),
    Sizes((300, 3), (7, 2)), Sizes((1, 1), (4, 3)), Sizes((3000, 2), (1, 1)),
    Sizes((20, 90), (19, 89)), Sizes((50, 20), (300, 10)), Sizes((2, 600), (300, 5)),
  ]

  private func noise(_ width: Int, _ height: Int) -> (bytes: [UInt8], picture: ReferencePicture) {
    var source = ByteSource(seed: UInt64(width * 31 + height))
    // Black and white: the farthest that neighbours can lie apart.
    let bytes = source.bytes(width * height * 3).map { $0 < 128 ? UInt8(0) : 255 }
    return (bytes, ReferencePicture(width: width, height: height, values: bytes.map(Double.init)))
  }

  private func resize(
    _ bytes: [UInt8], _ sizes: Sizes, _ fit: hr_fit, _ filter: hr_filter
  ) throws -> [UInt8] {
    var out = [UInt8](repeating: 0, count: sizes.target.0 * sizes.target.1 * 3)
    try bytes.withUnsafeBufferPointer {
      let frame = try FrameConversion.wrap(
        HR_RGB24, UInt32(sizes.source.0), UInt32(sizes.source.1), $0.baseAddress!, $0.count)
      try FrameConversion.convert(
        frame, fit, filter, to: &out, stride: sizes.target.0 * 3, width: UInt32(sizes.target.0),
        height: UInt32(sizes.target.1))
    }
    return out
  }

  @Test(arguments: sizes, [HR_FILTER_AREA.rawValue, HR_FILTER_BILINEAR.rawValue])
  func stretchingIsTheReferenceToRounding(sizes: Sizes, filter: UInt32) throws {
    let (bytes, picture) = noise(sizes.source.0, sizes.source.1)
    let expected = picture.resized(
      window: (0, 0, Double(sizes.source.0), Double(sizes.source.1)), width: sizes.target.0,
      height: sizes.target.1, area: filter == HR_FILTER_AREA.rawValue)
    let out = try resize(bytes, sizes, HR_FIT_STRETCH, hr_filter(filter))
    #expect(expected.largestError(out) <= 0.501)
  }

  @Test(arguments: sizes, [HR_FILTER_AREA.rawValue, HR_FILTER_BILINEAR.rawValue])
  func croppingKeepsTheCentreInTheTargetsAspect(sizes: Sizes, filter: UInt32) throws {
    let (bytes, picture) = noise(sizes.source.0, sizes.source.1)
    let (width, height) = (Double(sizes.source.0), Double(sizes.source.1))
    let (targetWidth, targetHeight) = (Double(sizes.target.0), Double(sizes.target.1))
    let scale = max(targetWidth / width, targetHeight / height)
    let (windowWidth, windowHeight) = (targetWidth / scale, targetHeight / scale)
    let expected = picture.resized(
      window: ((width - windowWidth) / 2, (height - windowHeight) / 2, windowWidth, windowHeight),
      width: sizes.target.0, height: sizes.target.1, area: filter == HR_FILTER_AREA.rawValue)
    let out = try resize(bytes, sizes, HR_FIT_CROP, hr_filter(filter))
    #expect(expected.largestError(out) <= 0.501)
  }

  @Test(arguments: sizes)
  func letterboxingCentresTheWholeFrameOnGray(sizes: Sizes) throws {
    let (bytes, picture) = noise(sizes.source.0, sizes.source.1)
    let (width, height) = (Double(sizes.source.0), Double(sizes.source.1))
    let scale = min(Double(sizes.target.0) / width, Double(sizes.target.1) / height)
    let innerWidth = max(1, Int((width * scale).rounded()))
    let innerHeight = max(1, Int((height * scale).rounded()))
    let inner = picture.resized(
      window: (0, 0, width, height), width: innerWidth, height: innerHeight, area: true)
    let left = (sizes.target.0 - innerWidth) / 2
    let top = (sizes.target.1 - innerHeight) / 2
    let expected = ReferencePicture(width: sizes.target.0, height: sizes.target.1) { x, y in
      guard (left..<left + innerWidth).contains(x), (top..<top + innerHeight).contains(y) else {
        return [114, 114, 114]
      }
      return (0..<3).map { inner.value(x - left, y - top, $0) }
    }
    let out = try resize(bytes, sizes, HR_FIT_LETTERBOX, HR_FILTER_AREA)
    #expect(expected.largestError(out) <= 0.501)
  }

  @Test func autoTakesAreaAlongAShrinkingAxisAndBilinearAlongAGrowingOne() throws {
    let sizes = Sizes((40, 4), (10, 9))
    let (bytes, picture) = noise(40, 4)
    let columns = picture.resized(window: (0, 0, 40, 4), width: 10, height: 4, area: true)
    let expected = columns.resized(window: (0, 0, 10, 4), width: 10, height: 9, area: false)
    let out = try resize(bytes, sizes, HR_FIT_STRETCH, HR_FILTER_AUTO)
    #expect(expected.largestError(out) <= 0.501)
  }

  @Test func theLargestFrameOfWhiteStaysWhite() throws {
    let side = Int(HR_MAX_FRAME_SIDE)
    let bytes = [UInt8](repeating: 255, count: side)
    for (width, height) in [(side, 1), (1, side)] {
      for filter in [HR_FILTER_AREA, HR_FILTER_BILINEAR] {
        var out = [UInt8](repeating: 0, count: 3 * 3 * 3)
        try bytes.withUnsafeBufferPointer {
          let frame = try FrameConversion.wrap(
            HR_GRAY8, UInt32(width), UInt32(height), $0.baseAddress!, $0.count)
          try FrameConversion.convert(
            frame, HR_FIT_STRETCH, filter, to: &out, stride: 9, width: 3, height: 3)
        }
        #expect(out.allSatisfy { $0 == 255 })
      }
    }
  }

  @Test func weightsOfEveryOutputPixelAddUpToTheTotal() {
    for (source, unit, span, offset) in [
      (640, 448, 960, 35_840), (16384, 1, 16384, 0), (16384, 16384, 16384, 0),
      (16384, 16383, 16384, 0), (3, 16384, 3, 0), (16384, 3, 16384, 0),
    ] {
      for filter in [HR_FILTER_AREA, HR_FILTER_BILINEAR] {
        let axis = ResampleAxis(
          source: source, unit: unit, span: span, offset: offset, filter: filter)
        #expect(axis.total <= 1 << 16)
        for index in Swift.stride(from: 0, to: min(unit, 224), by: 7) {
          let taps = axis.taps(index)
          #expect(taps.first >= 0 && taps.end <= source)
          var sum: UInt64 = 0
          for pixel in Int(taps.first)..<taps.end { sum += UInt64(taps.weight(pixel)) }
          #expect(sum == UInt64(axis.total))
        }
      }
    }
  }
}
