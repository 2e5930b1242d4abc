import Foundation
import Testing

@testable import HeadraceCompiler

@Suite struct QuantizeNumpyTests {
  /// As numpy.save writes it: magic, version 1.0, header padded to 64 bytes.
  private func file(_ header: String, _ body: [UInt8]) -> [UInt8] {
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8) + body
  }

  private func bytes<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  @Test func floatsAreReadInCOrder() throws {
    let array = try NumpyArray(
      file(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
        bytes([1, 2, 3, 4, 5, 6] as [Float])), at: "x.npy")
    #expect(array.shape == [2, 3])
    #expect(array.elements == [1, 2, 3, 4, 5, 6])
  }

  @Test func fortranOrderIsTurned() throws {
    let array = try NumpyArray(
      file(
        "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }",
        bytes([1, 2, 3, 4, 5, 6] as [Double])), at: "x.npy")
    #expect(array.elements == [1, 3, 5, 2, 4, 6])
  }

  @Test func brokenFilesAreNamed() {
    let short = file("{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }", [0, 0])
    for bytes in [[], [1, 2, 3], Array(short.prefix(20)), short] {
      #expect(throws: CompilerError.self) { try NumpyArray(bytes, at: "x.npy") }
    }
    let huge = file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999, 9999999, 9999999), }", [])
    #expect(throws: CompilerError.self) { try NumpyArray(huge, at: "x.npy") }
  }
}
