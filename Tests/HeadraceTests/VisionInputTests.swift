import CHeadrace
import Testing

@testable import Headrace

/// hr_session_set_frame against tables that the test fills.
@Suite struct VisionInputTests {
  /// A model whose picture input, 1 x height x width x channels, is its output too. Entry v of channel
  /// c's table is 3 v + 1000 c in float32 and int16, v - 128 xor c in int8.
  private func model(
    _ type: hrm_type, _ color: hrm_color, width: Int, height: Int, fit: hr_fit = HR_FIT_STRETCH
  ) -> ModelBuilder {
    let channels = color == HRM_GRAY ? 1 : 3
    var model = ModelBuilder()
    let input = model.tensor(
      type, [1, height, width, channels], scale: type == HRM_FLOAT32 ? 0 : 0.5,
      name: "picture")
    var table: [UInt8] = []
    for channel in 0..<channels {
      for value in 0..<256 {
        table += Self.entry(type, channel, value)
      }
    }
    let tableTensor = model.tensor(type, [channels, 256], constant: table)
    var frame = hrm_frame_input()
    frame.input = 0
    frame.table = tableTensor
    frame.color = UInt8(color.rawValue)
    frame.fit = UInt8(fit.rawValue)
    frame.filter = UInt8(HR_FILTER_AUTO.rawValue)
    model.frameInputs = [frame]
    model.inputs = [input]
    model.outputs = [input]
    return model
  }

  private static func entry(_ type: hrm_type, _ channel: Int, _ value: Int) -> [UInt8] {
    let number: Int = 3 * value + 1000 * channel
    switch type {
    case HRM_INT8: return bytes(of: [Int8(truncatingIfNeeded: (value - 128) ^ channel)])
    case HRM_INT16: return bytes(of: [Int16(number)])
    default: return bytes(of: [Float(number)])
    }
  }

  /// What the input must hold for pixels of its own size.
  private func expected(_ type: hrm_type, _ rgb: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for (index, value) in rgb.enumerated() { result += Self.entry(type, index % 3, Int(value)) }
    return result
  }

  private func fill(
    _ model: ModelBuilder, _ rgb: [UInt8], _ width: Int, _ height: Int
  ) throws -> [UInt8] {
    let session = try OpenSession(OpenModel(model))
    try rgb.withUnsafeBufferPointer {
      var frame = hr_frame()
      try #require(
        hr_frame_wrap(
          &frame, HR_RGB24, UInt32(width), UInt32(height), $0.baseAddress, $0.count, nil) == HR_OK)
      try #require(hr_session_set_frame(session.handle, 0, &frame, nil) == HR_OK)
    }
    let output = session.output()
    return [UInt8](UnsafeRawBufferPointer(start: output.data, count: output.bytes))
  }

  private let pixels: [UInt8] = [10, 20, 30, 255, 0, 128, 7, 8, 9, 100, 150, 200]

  @Test func eachTypeIsLookedUpInItsOwnTable() throws {
    for type in [HRM_INT8, HRM_INT16, HRM_FLOAT32] {
      let out = try fill(model(type, HRM_RGB, width: 2, height: 2), pixels, 2, 2)
      #expect(out == expected(type, pixels))
    }
  }

  @Test func aModelOfBGRGetsBlueFirst() throws {
    let out = try fill(model(HRM_INT16, HRM_BGR, width: 2, height: 2), pixels, 2, 2)
    let wanted: [Int16] = [90, 1060, 2030]
    #expect(Array(values(out, as: Int16.self)[..<3]) == wanted)
  }

  @Test func aGrayModelGetsLuma() throws {
    let out = try fill(model(HRM_INT16, HRM_GRAY, width: 2, height: 2), pixels, 2, 2)
    for (pixel, value) in values(out, as: Int16.self).enumerated() {
      let (red, green) = (Double(pixels[pixel * 3]), Double(pixels[pixel * 3 + 1]))
      let luma = 0.299 * red + 0.587 * green + 0.114 * Double(pixels[pixel * 3 + 2])
      #expect(abs(Double(value) / 3 - luma) <= 1)
    }
  }

  @Test func aLetterboxedModelIsPaddedWithGrayInItsOwnUnits() throws {
    let out = try fill(
      model(HRM_INT16, HRM_RGB, width: 2, height: 4, fit: HR_FIT_LETTERBOX), pixels, 2, 2)
    let gray: [Int16] = [342, 1342, 2342]  // 114
    let row = gray + gray
    let result = values(out, as: Int16.self)
    #expect(Array(result[..<6]) == row)
    #expect(Array(result[18...]) == row)
    let first: [Int16] = [30, 1060, 2090]
    #expect(Array(result[6..<9]) == first)
  }

  @Test func aWideModelIsFilledStripByStrip() throws {
    let width = 700
    var rgb: [UInt8] = []
    for x in 0..<width { rgb += [UInt8(x & 255), UInt8(x >> 2), 5] }
    let out = try fill(model(HRM_INT16, HRM_RGB, width: width, height: 1), rgb, width, 1)
    #expect(out == expected(HRM_INT16, rgb))
  }

  @Test func anInputThatIsNoPictureIsRefused() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity()))
    var frame = hr_frame()
    let gray = [UInt8](repeating: 0, count: 16)
    var error = emptyError()
    gray.withUnsafeBufferPointer {
      #expect(hr_frame_wrap(&frame, HR_GRAY8, 4, 4, $0.baseAddress, 16, nil) == HR_OK)
      #expect(hr_session_set_frame(session.handle, 0, &frame, &error) == HR_INVALID_ARGUMENT)
      #expect(hr_session_set_frame(session.handle, 1, &frame, nil) == HR_INVALID_ARGUMENT)
      #expect(hr_session_set_frame(nil, 0, &frame, nil) == HR_INVALID_ARGUMENT)
      #expect(hr_session_set_frame(session.handle, 0, nil, nil) == HR_INVALID_ARGUMENT)
    }
  }

  @Test func aDecoderIsToldTheInputsSize() throws {
    var opened = try OpenModel(model(HRM_INT8, HRM_RGB, width: 5, height: 3))
    var width: UInt32 = 0
    var height: UInt32 = 0
    #expect(hr_model_frame_size(&opened.model, 0, &width, &height) == HR_OK)
    #expect((width, height) == (5, 3))
    #expect(hr_model_frame_size(&opened.model, 1, &width, &height) == HR_INVALID_ARGUMENT)
  }
}
