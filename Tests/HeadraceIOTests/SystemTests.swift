import CHeadraceIO
import Foundation
import Synchronization
import Testing

@Suite struct SystemTests {
  @Test(arguments: [1, 2, 4, 9] as [UInt32])
  func aPoolDoesEveryPartOfEveryJobOnce(threads: UInt32) throws {
    final class Counts: Sendable {
      let parts = (0..<64).map { _ in Counter() }
    }
    final class Counter: Sendable {
      let value = Atomic<Int>(0)
    }
    var pool: OpaquePointer?
    try #require(hr_pool_create(&pool, threads, nil) == HR_OK)
    defer { hr_pool_destroy(pool) }
    let counts = Counts()
    let context = Unmanaged.passUnretained(counts).toOpaque()
    var expected = [Int](repeating: 0, count: 64)
    for job in 0..<2000 {
      let parts = job % 65
      hr_pool_run(
        UnsafeMutableRawPointer(pool), UInt32(parts),
        { context, part in
          let counts = Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue()
          counts.parts[Int(part)].value.add(1, ordering: .relaxed)
        }, context)
      for part in 0..<parts { expected[part] += 1 }
    }
    #expect(counts.parts.map { $0.value.load(ordering: .relaxed) } == expected)
  }

  @Test func aPoolOfMoreThreadsThanASessionTakesIsRefused() {
    var pool: OpaquePointer?
    #expect(hr_pool_create(&pool, 65, nil) == HR_INVALID_ARGUMENT)
    #expect(pool == nil)
  }

  @Test func aFileIsReplacedAsAWholeOrNotAtAll() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], as: "out.bin")
    #expect(hr_file_write(path, [7, 8] as [UInt8], 2, nil) == HR_OK)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([7, 8]))
    var error = freshError()
    #expect(hr_file_write(folder.url.path, [1] as [UInt8], 1, &error) == HR_DEVICE_ERROR)
    #expect(hr_file_write(folder.url.path + "/no/out", [1] as [UInt8], 1, &error) == HR_NOT_FOUND)
    #expect(message(error).contains("No such file"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.bin"])
  }

  private func permissions(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test(arguments: [0o600, 0o640, 0o444, 0o666])
  func aFileThatIsReplacedKeepsItsPermissions(mode: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], as: "out.bin")
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    #expect(hr_file_write(path, [7, 8] as [UInt8], 2, nil) == HR_OK)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([7, 8]))
    #expect(try permissions(path) == mode)
  }

  @Test func aNewFileHasThePermissionsThatOtherNewFilesHave() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path + "/out.bin"
    let other = try #require(fopen(folder.url.path + "/other.bin", "w"))
    fclose(other)
    #expect(hr_file_write(path, [1] as [UInt8], 1, nil) == HR_OK)
    #expect(try permissions(path) == permissions(folder.url.path + "/other.bin"))
  }

  @Test func aNameMayBeAsLongAsTheFileSystemAllows() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "n", count: 255)
    #expect(hr_file_write(folder.url.path + "/" + name, [1] as [UInt8], 1, nil) == HR_OK)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [name])
    var error = freshError()
    let status = hr_file_write(folder.url.path + "/n" + name, [1] as [UInt8], 1, &error)
    #expect(status == HR_DEVICE_ERROR)
    #expect(message(error).hasSuffix("nnn...: File name too long"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [name])
  }

  @Test func emptyAndMissingFilesAreNotMapped() throws {
    let folder = try TemporaryFolder()
    var file = hr_file()
    #expect(hr_file_map(&file, folder.url.path + "/none", nil) == HR_NOT_FOUND)
    #expect(hr_file_map(&file, try folder.write([], as: "e"), nil) == HR_UNSUPPORTED_FORMAT)
    #expect(hr_file_map(&file, folder.url.path, nil) == HR_UNSUPPORTED_FORMAT)
    #expect(hr_file_map(&file, try folder.write([5, 6], as: "f"), nil) == HR_OK)
    #expect(UInt(bitPattern: file.bytes) % 64 == 0)
    #expect(Array(UnsafeRawBufferPointer(start: file.bytes, count: file.byte_count)) == [5, 6])
    hr_file_unmap(&file)
    #expect(file.bytes == nil)
  }

  @Test func thereIsAtLeastOneCPUAndTimeGoesOn() {
    #expect(hr_cpu_count() >= 1)
    let before = hr_clock_monotonic(nil)
    #expect(hr_clock_monotonic(nil) >= before)
  }
}
