import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// What the model fuzzer starts from.
@Suite struct FuzzCorpusTests {
  private static let files = try! FileManager.default
    .contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".hrm") }.sorted()
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "fuzz/corpus/model").path

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Self.folder + "/" + name)))
  }

  @Test(arguments: files)
  func eachFileIsAModelThatRuns(name: String) throws {
    #expect(openAndUse(AlignedBytes(try bytes(name))) == HR_OK)
  }

  @Test func thereIsAFileForEveryOperatorInEveryType() throws {
    var found: Set<[UInt32]> = []
    for name in Self.files {
      let memory = AlignedBytes(try bytes(name))
      let view = ModelView(base: memory.base)
      for index in 0..<view.operatorCount {
        let op = view[operator: index]
        found.insert([UInt32(op.record.pointee.code), UInt32(op.output().pointee.type)])
      }
    }
    let fixed = [HRM_INT8, HRM_INT16]
    for code in 1..<UInt32(HRM_CODE_COUNT) {
      let types =
        switch hrm_code(code) {
        case HRM_UNARY, HRM_DEQUANTIZE, HRM_WINOGRAD_CONV2D: [HRM_FLOAT32]
        case HRM_LOOKUP, HRM_QUANTIZE, HRM_REQUANTIZE: fixed
        default: [HRM_FLOAT32] + fixed
        }
      for type in types {
        #expect(found.contains([code, type.rawValue]), "operator \(code), type \(type.rawValue)")
      }
    }
  }
}
