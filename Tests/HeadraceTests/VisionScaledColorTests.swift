import CHeadrace
import Testing

@testable import Headrace

/// Frames of camera formats that are scaled: against the exact mean or interpolation of what they hold.
@Suite struct VisionScaledColorTests {
  struct Scaling: CustomTestStringConvertible {
    let source: (width: Int, height: Int)
    let target: (width: Int, height: Int)
    let filter: hr_filter
    var testDescription: String { "\(source) to \(target), filter \(filter.rawValue)" }
  }

  /// Whole and broken ratios, more than a run of 640 pixels, more than a strip of 256 columns and single pixels.
  static let scalings = [
    Scaling(source: (64, 48), target: (8, 6), filter: HR_FILTER_AREA),
    Scaling(source: (66, 47), target: (22, 22), filter: HR_FILTER_AREA),
    Scaling(source: (1302, 9), target: (37, 4), filter: HR_FILTER_AREA),
    Scaling(source: (700, 2), target: (300, 1), filter: HR_FILTER_AREA),
    Scaling(source: (2, 600), target: (1, 2), filter: HR_FILTER_AREA),
    Scaling(source: (30, 22), target: (13, 40), filter: HR_FILTER_AUTO),
    Scaling(source: (10, 7), target: (33, 20), filter: HR_FILTER_BILINEAR),
    Scaling(source: (2, 1), target: (5, 3), filter: HR_FILTER_BILINEAR),
  ]

  static let formats = [HR_YUYV, HR_NV12, HR_NV21, HR_I420].map(\.rawValue)

  /// A frame's bytes, and its y, u and v at every pixel.
  private func noise(
    _ format: hr_pixel_format, _ width: Int, _ height: Int
  ) -> (bytes: [UInt8], samples: ReferencePicture) {
    var source = ByteSource(seed: UInt64(width * 1000 + height))
    let rowsOfChroma = format == HR_YUYV ? height : (height + 1) / 2
    let columns = (width + 1) / 2
    let y = source.bytes(width * height)
    let u = source.bytes(columns * rowsOfChroma)
    let v = source.bytes(columns * rowsOfChroma)
    let samples = ReferencePicture(width: width, height: height) { column, row in
      let chroma = (format == HR_YUYV ? row : row / 2) * columns + column / 2
      return [y[row * width + column], u[chroma], v[chroma]].map(Double.init)
    }
    let bytes: [UInt8] =
      switch format {
      case HR_YUYV: u.indices.flatMap { [y[2 * $0], u[$0], y[2 * $0 + 1], v[$0]] }
      case HR_NV12: y + zip(u, v).flatMap { [$0, $1] }
      case HR_NV21: y + zip(u, v).flatMap { [$1, $0] }
      default: y + u + v
      }
    return (bytes, samples)
  }

  private func scale(
    _ format: hr_pixel_format, _ bytes: [UInt8], _ scaling: Scaling, fullRange: Bool = false,
    fit: hr_fit = HR_FIT_STRETCH, change: (inout hr_frame) -> Void = { _ in }
  ) throws -> [UInt8] {
    let (width, height) = scaling.target
    var out = [UInt8](repeating: 0, count: width * height * 3)
    try bytes.withUnsafeBufferPointer {
      var frame = try FrameConversion.wrap(
        format, UInt32(scaling.source.width), UInt32(scaling.source.height), $0.baseAddress!,
        $0.count)
      frame.full_range = fullRange ? 1 : 0
      change(&frame)
      try FrameConversion.convert(
        frame, fit, scaling.filter, to: &out, stride: width * 3, width: UInt32(width),
        height: UInt32(height))
    }
    return out
  }

  private func expected(
    _ samples: ReferencePicture, _ scaling: Scaling, fullRange: Bool,
    window: (x: Double, width: Double)? = nil
  ) -> ReferencePicture {
    let (width, height) = scaling.target
    func shrinks(_ from: Int, _ to: Int) -> Bool {
      scaling.filter == HR_FILTER_AREA || (scaling.filter == HR_FILTER_AUTO && from > to)
    }
    let whole = (x: 0.0, width: Double(samples.width))
    let (x, across) = window ?? whole
    let columns = samples.resized(
      window: (x, 0, across, Double(samples.height)), width: width, height: samples.height,
      area: shrinks(samples.width, width))
    let scaled = columns.resized(
      window: (0, 0, Double(width), Double(samples.height)), width: width, height: height,
      area: shrinks(samples.height, height))
    return ReferencePicture(width: width, height: height) { column, row in
      referenceRGB(
        y: scaled.value(column, row, 0), u: scaled.value(column, row, 1),
        v: scaled.value(column, row, 2), fullRange: fullRange)
    }
  }

  @Test(arguments: scalings, formats)
  func theMatrixIsThatOfScaledSamplesToRounding(scaling: Scaling, format: UInt32) throws {
    let format = hr_pixel_format(format)
    let (bytes, samples) = noise(format, scaling.source.width, scaling.source.height)
    for fullRange in [false, true] {
      let out = try scale(format, bytes, scaling, fullRange: fullRange)
      #expect(expected(samples, scaling, fullRange: fullRange).largestError(out) <= 0.6)
    }
  }

  @Test(arguments: [(1, 1), (3, 5), (641, 3), (1281, 1)])
  func oddSizesShareTheLastChroma(width: Int, height: Int) throws {
    let scaling = Scaling(
      source: (width, height), target: ((width + 1) / 2, 2), filter: HR_FILTER_AUTO)
    for format in [HR_NV12, HR_NV21, HR_I420] {
      let (bytes, samples) = noise(format, width, height)
      let out = try scale(format, bytes, scaling)
      #expect(expected(samples, scaling, fullRange: false).largestError(out) <= 0.6)
    }
  }

  @Test(arguments: formats)
  func aCropThatBeginsBetweenTwoPixelsOfAPairReadsTheirChroma(format: UInt32) throws {
    let format = hr_pixel_format(format)
    // The window is 10 pixels wide, from the third on.
    let scaling = Scaling(source: (16, 10), target: (5, 5), filter: HR_FILTER_AREA)
    let (bytes, samples) = noise(format, 16, 10)
    let out = try scale(format, bytes, scaling, fit: HR_FIT_CROP)
    let reference = expected(samples, scaling, fullRange: false, window: (3, 10))
    #expect(reference.largestError(out) <= 0.6)
  }

  @Test(arguments: [(1, 16_384), (16_384, 1), (16_384, 4)])
  func theLargestFramesOfWhiteStayWhite(width: Int, height: Int) throws {
    let chroma = (width + 1) / 2 * ((height + 1) / 2)
    let white = [UInt8](repeating: 255, count: width * height)
    let scaling = Scaling(source: (width, height), target: (1, 1), filter: HR_FILTER_AREA)
    let out = try scale(
      HR_I420, white + [UInt8](repeating: 128, count: 2 * chroma), scaling, fullRange: true)
    #expect(out == [255, 255, 255])
    // All that is brightest: red and blue are cut off, green is Y - 1.058272 * 127.
    let brightest = try scale(
      HR_I420, white + [UInt8](repeating: 255, count: 2 * chroma), scaling, fullRange: true)
    #expect(brightest == [255, 121, 255])
  }

  @Test(arguments: scalings)
  func packedFormatsGiveWhatRGBGives(scaling: Scaling) throws {
    var source = ByteSource(seed: 8)
    let pixels = scaling.source.width * scaling.source.height
    let rgb = source.bytes(3 * pixels)
    let triples = (0..<pixels).map { Array(rgb[3 * $0..<3 * $0 + 3]) }
    let out = try scale(HR_RGB24, rgb, scaling)
    #expect(try scale(HR_BGR24, triples.flatMap { $0.reversed() }, scaling) == out)
    #expect(try scale(HR_RGBA32, triples.flatMap { $0 + [source.next()] }, scaling) == out)
    let gray = source.bytes(pixels)
    #expect(
      try scale(HR_GRAY8, gray, scaling)
        == scale(HR_RGB24, gray.flatMap { [$0, $0, $0] }, scaling))
  }

  @Test func planesThatAFormatDoesNotHaveAreNotLookedAt() throws {
    let scaling = Scaling(source: (8, 6), target: (3, 2), filter: HR_FILTER_AREA)
    for format in [HR_YUYV, HR_NV12] {
      let (bytes, samples) = noise(format, 8, 6)
      let out = try scale(format, bytes, scaling) { frame in
        let nowhere = UnsafePointer<UInt8>(bitPattern: 64)
        frame.planes.2 = nowhere
        if format == HR_YUYV { frame.planes.1 = nowhere }
      }
      #expect(expected(samples, scaling, fullRange: false).largestError(out) <= 0.6)
    }
  }
}
