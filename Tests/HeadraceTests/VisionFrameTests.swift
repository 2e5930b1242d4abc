import CHeadrace
import Testing

@testable import Headrace

@Suite struct VisionFrameTests {
  /// The status that a conversion to 4 x 4 ends with, and that nothing was written if it failed.
  private func status(_ frame: hr_frame) -> hr_status {
    var out = [UInt8](repeating: 9, count: 48)
    do throws(Failure) {
      try FrameConversion.convert(
        frame, HR_FIT_STRETCH, HR_FILTER_AUTO, to: &out, stride: 12, width: 4, height: 4)
      return HR_OK
    } catch {
      #expect(out.allSatisfy { $0 == 9 })
      return error.status
    }
  }

  private func withFrame(
    _ format: hr_pixel_format, _ body: (inout hr_frame) -> Void
  ) throws {
    let bytes = [UInt8](repeating: 1, count: 8 * 6 * 4)
    try bytes.withUnsafeBufferPointer {
      var frame = try FrameConversion.wrap(format, 8, 6, $0.baseAddress!, $0.count)
      body(&frame)
    }
  }

  @Test(arguments: [0, 16_385, UInt32.max])
  func sidesBeyondTheLimitsAreRefused(side: UInt32) throws {
    try withFrame(HR_RGB24) {
      $0.width = side
      #expect(status($0) == HR_BAD_FRAME)
      $0.width = 8
      $0.height = side
      #expect(status($0) == HR_BAD_FRAME)
    }
  }

  @Test(arguments: [0, -1, 15, Int.max, Int.min])
  func stridesThatCannotBeAreRefused(stride: Int) throws {
    try withFrame(HR_YUYV) {
      #expect(status($0) == HR_OK)
      $0.strides.0 = stride
      #expect(status($0) == HR_BAD_FRAME)
    }
  }

  @Test func aPlaneOneByteShortIsRefused() throws {
    for format in [HR_RGB24, HR_BGR24, HR_RGBA32, HR_GRAY8, HR_YUYV, HR_NV12, HR_NV21, HR_I420] {
      try withFrame(format) {
        #expect(status($0) == HR_OK)
        $0.plane_bytes.0 -= 1
        #expect(status($0) == HR_BAD_FRAME)
      }
    }
    for format in [HR_NV12, HR_NV21, HR_I420] {
      try withFrame(format) {
        $0.plane_bytes.1 -= 1
        #expect(status($0) == HR_BAD_FRAME)
      }
    }
    try withFrame(HR_I420) {
      $0.planes.2 = nil
      #expect(status($0) == HR_BAD_FRAME)
    }
  }

  @Test func aFormatOutsideTheEnumIsRefused() throws {
    try withFrame(HR_RGB24) {
      $0.format = hr_pixel_format(99)
      #expect(status($0) == HR_BAD_FRAME)
    }
  }

  @Test func aYUYVFrameOfOddWidthIsRefused() throws {
    try withFrame(HR_YUYV) {
      $0.width = 7
      #expect(status($0) == HR_BAD_FRAME)
    }
  }

  @Test func wrappingABufferThatIsTooShortSaysHowMuchIsNeeded() {
    let bytes = [UInt8](repeating: 0, count: 10)
    do throws(Failure) {
      _ = try FrameConversion.wrap(HR_I420, 3, 3, bytes, bytes.count)
      Issue.record("ten bytes are no 3 x 3 picture in I420")
    } catch {
      #expect(error.status == HR_BAD_FRAME)
      #expect(error.needed == 9 + 4 + 4)
      #expect(error.available == 10)
    }
  }

  @Test func stridesLongerThanARowSkipWhatLiesBetween() throws {
    // Two rows of two gray pixels, 5 bytes apart; the last row ends with its pixels.
    let bytes: [UInt8] = [10, 20, 255, 255, 255, 30, 40]
    var out = [UInt8](repeating: 7, count: 2 * 8)
    try bytes.withUnsafeBufferPointer {
      var frame = try FrameConversion.wrap(HR_GRAY8, 2, 2, $0.baseAddress!, $0.count)
      frame.strides.0 = 5
      frame.plane_bytes.0 = 7
      try FrameConversion.convert(
        frame, HR_FIT_STRETCH, HR_FILTER_AUTO, to: &out, stride: 8, width: 2, height: 2)
    }
    #expect(out == [10, 10, 10, 20, 20, 20, 7, 7, 30, 30, 30, 40, 40, 40, 7, 7])
  }
}
