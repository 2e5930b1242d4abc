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

  private func refusal(_ bytes: [UInt8]) -> String {
    do {
      _ = try NumpyArray(bytes, at: "x.npy")
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test(arguments: ["'>f4'", "'<f2'", "'|O'", "'<c8'", "[('a', '<f4'), ('b', '<i8')]"])
  func anElementTypeThatIsNotReadIsRefusedWithARemedy(description: String) {
    let header = "{'descr': \(description), 'fortran_order': False, 'shape': (2,), }"
    #expect(refusal(file(header, bytes([1, 2] as [Double]))).contains("astype"))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
  func elementsThatAreNoFiniteFloatsAreRefused(element: Double) {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
    #expect(refusal(file(header, bytes([0, element]))).contains("infinite or not numbers"))
  }

  @Test(arguments: [
    "(2147483647, 2147483647)", "(-1, 4)", "(0,)", "(2.0, 3)", "(99999999999999999999,)", "2, 3",
  ])
  func shapesThatMakeNoSenseAreRefused(shape: String) {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    #expect(refusal(file(header, bytes([1, 2, 3, 4] as [Float]))).hasPrefix("x.npy: "))
  }

  @Test(arguments: [0, 4, 255])
  func anotherVersionOfTheFormatIsRefused(version: UInt8) {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
    var bytes = file(header, bytes([1 as Float]))
    #expect(refusal(bytes) == "accepted")
    bytes[6] = version
    #expect(refusal(bytes).contains("version 1 to 3"))
  }
}
