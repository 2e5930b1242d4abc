import CHeadrace
import Testing

@testable import Headrace

/// The text of an hr_error.
func message(_ error: hr_error) -> String {
  withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// An hr_error as a C caller prepares it.
func emptyError() -> hr_error {
  var error = hr_error()
  hr_error_init(&error)
  return error
}

extension Versioned {
  /// A struct for results, with its size set.
  static func sized(_ empty: Self) -> Self {
    var sized = empty
    sized.struct_size = UInt32(MemoryLayout<Self>.size)
    return sized
  }
}

@Suite struct ApiTests {
  @Test func theVersionIsThatOfTheHeader() throws {
    #expect(hr_abi_version() == UInt32(HR_ABI_VERSION))
    let version = try #require(hr_version_string())
    #expect(
      String(cString: version) == "\(HR_VERSION_MAJOR).\(HR_VERSION_MINOR).\(HR_VERSION_PATCH)")
  }

  @Test func everyStatusHasItsName() throws {
    for (status, name) in [
      (HR_OK, "HR_OK"), (HR_BAD_MODEL, "HR_BAD_MODEL"), (HR_TIMED_OUT, "HR_TIMED_OUT"),
    ] {
      #expect(String(cString: try #require(hr_status_string(status))) == name)
    }
    #expect(hr_status_string(hr_status(rawValue: 999)) != nil)
  }

  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  @Test(
    arguments: [
      (Array("123456789".utf8), 0xe306_9283),
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      ([UInt8](0..<32), 0x46dd_794e),
      ([UInt8]((0..<32).reversed()), 0x113f_db5c),
    ] as [([UInt8], UInt32)])
  func checksumsAreThePublishedOnes(bytes: [UInt8], expected: UInt32) {
    #expect(hr_crc32c(bytes, bytes.count) == expected)
  }

  @Test func checksumsOfEveryLengthFollowTheDefinition() {
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 * 73 + 11) }
    for count in bytes.indices {
      #expect(hr_crc32c(bytes, count) == ModelBuilder.crc32c(bytes.prefix(count)))
    }
    #expect(hr_crc32c(nil, 8) == 0)
  }

  @Test func aMessageNamesCauseFiguresAndRemedy() {
    let file = SmallModels.identity().file()
    let memory = AlignedBytes(file)
    var model = hr_model()
    var error = emptyError()
    let status = hr_model_open(&model, memory.base, file.count - 64, &error)
    #expect(status == HR_BAD_MODEL)
    #expect(error.status == HR_BAD_MODEL)
    #expect(error.needed == UInt64(file.count))
    #expect(error.available == UInt64(file.count - 64))
    #expect(
      message(error) == "the file is truncated: needs \(file.count) bytes, has "
        + "\(file.count - 64); copy it again")
  }

  @Test func nullsAreErrorsAndNotCrashes() {
    var model = hr_model()
    var tensor = hr_tensor.sized(hr_tensor())
    var value: UnsafePointer<CChar>?
    var count = 0
    var session: OpaquePointer?
    hr_error_init(nil)
    hr_session_config_init(nil)
    #expect(hr_model_requirements(nil, 0, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_model_open(nil, nil, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_model_open(&model, nil, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_model_get_requirements(nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_model_get_requirements(&model, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_model_metadata(nil, "name", &value, &count) == HR_INVALID_ARGUMENT)
    #expect(hr_model_label(&model, 0, &value, &count) == HR_INVALID_ARGUMENT)
    #expect(hr_model_input(&model, 0, &tensor) == HR_INVALID_ARGUMENT)
    #expect(hr_model_output(nil, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_tensor_read_float(nil, nil, 0) == HR_INVALID_ARGUMENT)
    #expect(hr_tensor_write_float(&tensor, nil, 1) == HR_INVALID_ARGUMENT)
    #expect(hr_session_bytes(nil, nil) == 0)
    #expect(hr_session_init(nil, nil, 0, nil, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_init(&session, nil, 0, nil, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_input(nil, 0, &tensor) == HR_INVALID_ARGUMENT)
    #expect(hr_session_output(nil, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_run(nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_profile(nil, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_session_kernels(nil) != nil)
  }

  @Test func aStructOfANewerHeaderIsFilledAsFarAsItIsKnown() throws {
    let memory = AlignedBytes(SmallModels.identity().file())
    let larger = AlignedBytes(count: 2 * MemoryLayout<hr_requirements>.size, fill: 0x77)
    let out = larger.base.assumingMemoryBound(to: hr_requirements.self)
    out.pointee.struct_size = UInt32(larger.count)
    #expect(hr_model_requirements(memory.base, memory.count, out, nil) == HR_OK)
    #expect(out.pointee.struct_size == UInt32(larger.count))
    #expect(out.pointee.file_bytes == UInt64(memory.count))
    #expect(larger.bytes[MemoryLayout<hr_requirements>.size...].allSatisfy { $0 == 0x77 })
    out.pointee.struct_size = 8
    #expect(hr_model_requirements(memory.base, memory.count, out, nil) == HR_INVALID_ARGUMENT)
  }

  @Test func realNumbersBecomeElementsAndBack() {
    // Expected by hand: round(x / 0.5) + 3, halves to even, saturated.
    var elements: [Int8] = [0, 0, 0, 0, 0, 0]
    let reals: [Float] = [0, 0.25, 0.75, -1, 1000, .nan]
    var back = [Float](repeating: 0, count: 6)
    elements.withUnsafeMutableBytes { raw in
      var tensor = hr_tensor.sized(hr_tensor())
      tensor.type = HR_INT8
      tensor.scale = 0.5
      tensor.zero_point = 3
      tensor.data = raw.baseAddress
      tensor.bytes = 6
      #expect(hr_tensor_write_float(&tensor, reals, 6) == HR_OK)
      #expect(hr_tensor_read_float(&tensor, &back, 6) == HR_OK)
      #expect(hr_tensor_read_float(&tensor, &back, 5) == HR_INVALID_ARGUMENT)
    }
    #expect(elements == [3, 3, 5, 1, 127, 3])
    #expect(back == [0, 0, 1, -1, 62, 0])
  }

  @Test func manyNumbersBecomeElementsAsFewDo() {
    // Expected by hand: round(x / 0.25) - 5, halves to even, saturated; eights of them, and what is left.
    let reals: [Float] = [
      0, 0.125, 0.375, -0.125, -0.375, 0.13, .nan, .infinity, -.infinity, 8000, 9000, -8000, -9000,
      8193, 8193.25, -8190.5, -8190.75, -8191, -0.0,
    ]
    let expected: [Int16] = [
      -5, -5, -3, -5, -7, -4, -5, 32767, -32768, 31995, 32767, -32005, -32768, 32767, 32767,
      -32767, -32768, -32768, -5,
    ]
    var elements = [Int16](repeating: 1, count: reals.count)
    elements.withUnsafeMutableBytes { raw in
      var tensor = hr_tensor.sized(hr_tensor())
      tensor.type = HR_INT16
      tensor.scale = 0.25
      tensor.zero_point = -5
      tensor.data = raw.baseAddress
      tensor.bytes = raw.count
      #expect(hr_tensor_write_float(&tensor, reals, reals.count) == HR_OK)
    }
    #expect(elements == expected)
  }

  @Test func hugeNumbersSaturateInEveryType() {
    let reals: [Float] = [.infinity, -.infinity, 1e38, -1e38, .nan]
    func written<Element: FixedWidthInteger>(_ type: hr_type, _: Element.Type) -> [Element] {
      var elements = [Element](repeating: 1, count: reals.count)
      elements.withUnsafeMutableBytes { raw in
        var tensor = hr_tensor.sized(hr_tensor())
        tensor.type = type
        tensor.data = raw.baseAddress
        tensor.bytes = raw.count
        #expect(hr_tensor_write_float(&tensor, reals, reals.count) == HR_OK)
      }
      return elements
    }
    #expect(written(HR_INT8, Int8.self) == [127, -128, 127, -128, 0])
    #expect(written(HR_INT16, Int16.self) == [.max, .min, .max, .min, 0])
    #expect(written(HR_INT32, Int32.self) == [.max, .min, .max, .min, 0])
    #expect(written(HR_INT64, Int64.self) == [.max, .min, .max, .min, 0])
  }
}
