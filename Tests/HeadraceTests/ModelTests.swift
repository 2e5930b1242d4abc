import CHeadrace
import Testing

@testable import Headrace

@Suite struct ModelTests {
  @Test func needsAreReadableFromTheFirst4096Bytes() throws {
    var builder = SmallModels.identity()
    _ = builder.tensor(HRM_INT8, [9000], constant: [UInt8](repeating: 1, count: 9000))
    let file = builder.file()
    var requirements = hr_requirements.sized(hr_requirements())
    #expect(hr_model_requirements(file, Int(HR_REQUIREMENTS_BYTES), &requirements, nil) == HR_OK)
    #expect(requirements.file_bytes == UInt64(file.count))
    #expect(requirements.weight_bytes == 9024)
    #expect(requirements.arena_bytes == 64)
    #expect(requirements.input_count == 1)
    #expect(requirements.operator_count == 0)
    #expect(requirements.uses_float == 0)

    var opened = try OpenModel(file)
    var config = hr_session_config()
    hr_session_config_init(&config)
    #expect(requirements.session_bytes == UInt64(hr_session_bytes(&opened.model, &config)))
    var again = hr_requirements.sized(hr_requirements())
    #expect(hr_model_get_requirements(&opened.model, &again) == HR_OK)
    #expect(again.session_bytes == requirements.session_bytes)
  }

  @Test func metadataIsFoundByItsKey() throws {
    var opened = try OpenModel(SmallModels.identity())
    func text(_ key: String) -> String? {
      var start: UnsafePointer<CChar>?
      var count = 0
      guard hr_model_metadata(&opened.model, key, &start, &count) == HR_OK else { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
    #expect(text("name") == "identity")
    #expect(text("licence") == "MIT")
    #expect(text("labels") == "apple\npear\n\nplum")
    #expect(text("nam") == nil)
    #expect(text("names") == nil)
    #expect(text("") == nil)
  }

  @Test func labelsAreLines() throws {
    var opened = try OpenModel(SmallModels.identity())
    func label(_ index: UInt32) -> String? {
      var start: UnsafePointer<CChar>?
      var count = 0
      guard hr_model_label(&opened.model, index, &start, &count) == HR_OK else { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
    #expect((0..<5).map(label) == ["apple", "pear", "", "plum", nil])
    #expect(label(.max) == nil)
  }

  @Test func theInterfaceIsDescribedWithoutData() throws {
    var opened = try OpenModel(SmallModels.identity())
    var tensor = hr_tensor.sized(hr_tensor())
    #expect(hr_model_input(&opened.model, 0, &tensor) == HR_OK)
    #expect(tensor.type == HR_INT8)
    #expect(tensor.rank == 4)
    #expect(tensor.dims.1 == 4 && tensor.dims.3 == 3 && tensor.dims.5 == 1)
    #expect(tensor.scale == 0.125)
    #expect(tensor.bytes == 48)
    #expect(tensor.data == nil)
    #expect(String(cString: tensor.name) == "latent")
    #expect(hr_model_input(&opened.model, 1, &tensor) == HR_INVALID_ARGUMENT)
    #expect(hr_model_output(&opened.model, 0, &tensor) == HR_OK)
    #expect(hr_model_output(&opened.model, .max, &tensor) == HR_INVALID_ARGUMENT)
  }

  @Test func misalignedBytesAreRefusedWithTheRemedy() {
    let file = SmallModels.identity().file()
    let memory = AlignedBytes([0] + file)
    var model = hr_model()
    var error = emptyError()
    #expect(hr_model_open(&model, memory.base + 1, file.count, &error) == HR_INVALID_ARGUMENT)
    #expect(message(error).contains("aligned_alloc"))
  }

  @Test func anotherVersionIsToldFromDamage() {
    var file = SmallModels.identity().file()
    file[8] = 9
    let memory = AlignedBytes(file)
    var model = hr_model()
    #expect(hr_model_open(&model, memory.base, file.count, nil) == HR_UNSUPPORTED_VERSION)
    #expect(hr_model_get_requirements(&model, nil) == HR_INVALID_ARGUMENT)
  }
}
