import CHeadraceIO
import Foundation
import Testing

@Suite struct SourceTests {
  private func openError(_ path: String) -> (hr_status, String) {
    var error = freshError()
    var source: OpaquePointer?
    let status = hr_source_open(&source, path, nil, &error)
    #expect(source == nil)
    return (status, message(error))
  }

  @Test func aFolderIsReadInNameOrderAndOneBadPictureDoesNotEndIt() throws {
    let folder = try TemporaryFolder()
    let picture = jpeg(gradient(32, 24), 32, 24)
    _ = try folder.write(picture, as: "b.JPG")
    _ = try folder.write(Array(picture[..<(picture.count / 2)]), as: "a.jpeg")
    _ = try folder.write(Array("P6 2 1 255\n".utf8) + [1, 2, 3, 4, 5, 6], as: "c.ppm")
    _ = try folder.write([], as: "d.jpg")
    _ = try folder.write([1, 2, 3], as: "notes.txt")
    let delivered = try Delivered.all(of: folder.url.path)
    #expect(delivered.map(\.name) == ["a.jpeg", "b.JPG", "c.ppm", "d.jpg"])
    #expect(
      delivered.map(\.status) == [HR_BAD_PICTURE, HR_OK, HR_OK, HR_BAD_PICTURE])
    #expect(delivered[1].jpegBytes == picture.count)
    #expect((delivered[2].width, delivered[2].height, delivered[2].jpegBytes) == (2, 1, 0))
  }

  @Test func anMJPEGFileDeliversEachPictureAndReportsTheTruncatedLast() throws {
    let folder = try TemporaryFolder()
    let first = jpeg(gradient(32, 24), 32, 24)
    let second = jpeg(gradient(16, 16, seed: 2), 16, 16)
    let path = try folder.write([9, 9] + first + [0] + second + second[..<50], as: "clip.mjpeg")
    let delivered = try Delivered.all(of: path)
    #expect(delivered.map(\.status) == [HR_OK, HR_OK, HR_BAD_PICTURE])
    #expect(delivered.map(\.width) == [32, 16, 0])
    #expect(delivered.map(\.jpegBytes) == [first.count, second.count, 0])
  }

  @Test func aPhotographWithASecondPictureBehindItIsOneFrame() throws {
    let folder = try TemporaryFolder()
    let picture = jpeg(gradient(32, 24), 32, 24)
    let path = try folder.write(picture + picture, as: "phone.jpg")
    #expect(try Delivered.all(of: path).map(\.jpegBytes) == [picture.count])
  }

  @Test func aJPEGIsDecodedNoLargerThanAskedFor() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(jpeg(gradient(640, 480), 640, 480), as: "a.jpg")
    #expect(try Delivered.all(of: path, minimum: 224).map(\.width) == [320])
  }

  @Test func samplesOfAnotherMaximumAreScaledTo255() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("P5 3 1 15\n".utf8) + [0, 8, 15], as: "a.pgm")
    var source: OpaquePointer?
    try #require(hr_source_open(&source, path, nil, nil) == HR_OK)
    defer { hr_source_close(source) }
    var frame = hr_source_frame()
    frame.struct_size = UInt32(MemoryLayout<hr_source_frame>.size)
    #expect(hr_source_next(source, &frame, nil) == HR_OK)
    #expect(Array(UnsafeBufferPointer(start: frame.frame.planes.0, count: 3)) == [0, 136, 255])
  }

  @Test func whatIsNotThereOrNoPictureIsSaid() throws {
    let folder = try TemporaryFolder()
    let (status, text) = openError(folder.url.path + "/none.jpg")
    #expect(status == HR_NOT_FOUND)
    #expect(text.contains("none.jpg"))
    #expect(openError(folder.url.path).0 == HR_NOT_FOUND)
    #expect(openError("/dev/null").0 == HR_UNSUPPORTED_FORMAT)
    let (camera, cameraText) = openError("/dev/video63")
    #expect(camera == HR_NOT_FOUND)
    #expect(cameraText.contains("cameras here"))
    let path = try folder.write(Array("GIF89a".utf8), as: "a.jpg")
    #expect(try Delivered.all(of: path).map(\.status) == [HR_BAD_PICTURE])
  }
}
