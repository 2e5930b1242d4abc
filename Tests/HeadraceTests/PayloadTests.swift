import CHeadrace
import Testing

@testable import Headrace

/// A head whose output is its input, filled with `elements`, and what sends and receives it.
struct LatentLink {
  let head: OpenSession
  let tensor: hr_tensor

  init(_ type: hrm_type, _ dims: [Int], scale: Float = 0.125, zeroPoint: Int32 = 0) throws {
    var model = ModelBuilder()
    let latent = model.tensor(type, dims, scale: scale, zeroPoint: zeroPoint)
    model.inputs = [latent]
    model.outputs = [latent]
    head = try OpenSession(OpenModel(model))
    tensor = head.output()
  }

  init(_ type: hrm_type, _ dims: [Int], zeroPoint: Int32 = 0, elements: [Int]) throws {
    try self.init(type, dims, zeroPoint: zeroPoint)
    fill(elements)
  }

  func fill(_ elements: [Int]) {
    let raw =
      tensor.type == HR_INT8
      ? bytes(of: elements.map { Int8($0) }) : bytes(of: elements.map { Int16($0) })
    tensor.data.copyMemory(from: raw, byteCount: raw.count)
  }

  var elements: [Int] {
    let raw = [UInt8](UnsafeRawBufferPointer(start: tensor.data, count: tensor.bytes))
    return tensor.type == HR_INT8
      ? values(raw, as: Int8.self).map { Int($0) } : values(raw, as: Int16.self).map { Int($0) }
  }

  func pack(rate: UInt32 = 0, capacity: Int? = nil) throws -> [UInt8] {
    var out = [UInt8](repeating: 0xcc, count: capacity ?? hr_payload_bound(head.handle, 0))
    out += [0xcc, 0xcc]
    var count = 0
    var error = emptyError()
    let status = hr_payload_pack(head.handle, 0, rate, &out, out.count - 2, &count, &error)
    #expect(out.suffix(2) == [0xcc, 0xcc])
    if status != HR_OK { throw RefusedModel(status: status, message: message(error)) }
    return Array(out.prefix(count))
  }

  @discardableResult
  func unpack(_ payload: [UInt8]) -> hr_status {
    hr_payload_unpack(head.handle, 0, payload, payload.count, nil)
  }
}

/// A rough landscape from a linear congruential generator, as in payload_reference.py.
func landscape(_ count: Int, span: Int, channels: Int) -> [Int] {
  var state: UInt32 = 1
  var level = 0
  return (0..<count).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    let step = level * 7 + Int(state >> 16) % (2 * span + 1) - span
    level = (step - (step % 8 + 8) % 8) / 8
    return max(-span, min(span, level * (1 + index % channels)))
  }
}

@Suite struct PayloadTests {
  // Lengths and CRC-32C of bytes 8 ... length - 5, from payload_reference.py.
  @Test(
    arguments: [
      (HRM_INT8, [1, 29, 29, 12], -10, 0, 10128, 0x7731_697e),
      (HRM_INT8, [1, 29, 29, 12], -10, 3, 6759, 0x74b8_b33d),
      (HRM_INT8, [1, 29, 29, 12], -10, 6, 3011, 0x27b9_6977),
      (HRM_INT8, [2, 5, 1, 70], 0, 0, 736, 0x70a1_3ce5),
      (HRM_INT8, [2, 5, 1, 70], 0, 3, 532, 0x341b_3153),
      (HRM_INT8, [2, 5, 1, 70], 0, 6, 303, 0xb289_6084),
      (HRM_INT16, [1, 1, 300, 3], 0, 0, 1816, 0x7c80_ab4a),
      (HRM_INT16, [1, 1, 300, 3], 0, 3, 1464, 0x5537_4c4f),
      (HRM_INT16, [1, 1, 300, 3], 0, 6, 1178, 0x4781_6c34),
    ] as [(hrm_type, [Int], Int32, UInt32, Int, UInt32)])
  func payloadsAreThoseOfTheReferenceEncoder(
    type: hrm_type, dims: [Int], zeroPoint: Int32, rate: UInt32, length: Int, checksum: UInt32
  ) throws {
    let elements = landscape(
      dims.reduce(1, *), span: type == HRM_INT8 ? 120 : 30000, channels: dims[3])
    let link = try LatentLink(type, dims, zeroPoint: zeroPoint, elements: elements)
    let payload = try link.pack(rate: rate)
    #expect(payload.count == length)
    #expect(ModelBuilder.crc32c(payload[8..<payload.count - 4]) == checksum)
  }

  @Test(arguments: [HRM_INT8, HRM_INT16], 0...UInt32(HR_MAX_RATE))
  func aLatentComesBackWithinHalfAStep(type: hrm_type, rate: UInt32) throws {
    let dims = [1, 13, 9, 5]
    let highest = type == HRM_INT8 ? 127 : 32767
    let zeroPoint: Int32 = type == HRM_INT8 ? -7 : 0
    var elements = landscape(13 * 9 * 5, span: highest, channels: 5)
    elements.replaceSubrange(0..<2, with: [highest, -highest - 1])
    let sender = try LatentLink(type, dims, zeroPoint: zeroPoint, elements: elements)
    let receiver = try LatentLink(type, dims, zeroPoint: zeroPoint)
    let payload = try sender.pack(rate: rate)
    #expect(receiver.unpack(payload) == HR_OK)
    let worst = zip(elements, receiver.elements).map { abs($0 - $1) }.max()
    #expect(try #require(worst) <= (1 << rate) / 2)
    // What came back is sent with the same symbols.
    #expect(
      try receiver.pack(rate: rate).dropFirst(8).dropLast(4) == payload.dropFirst(8).dropLast(4))
  }

  @Test(arguments: [
    [7], [1, 40], [2, 3, 4], [1, 1, 50, 2], [2, 3, 4, 100], [1, 2, 2, 3, 2, 5],
  ])
  func latentsOfEveryRankComeBack(dims: [Int]) throws {
    let elements = landscape(dims.reduce(1, *), span: 100, channels: dims.last!)
    let sender = try LatentLink(HRM_INT8, dims, elements: elements)
    let receiver = try LatentLink(HRM_INT8, dims)
    #expect(receiver.unpack(try sender.pack()) == HR_OK)
    #expect(receiver.elements == elements)
  }

  @Test func smoothLatentsShrinkAndNoiseNeverGrows() throws {
    var generator = SystemRandomNumberGenerator()
    let dims = [1, 16, 16, 8]
    let noise = (0..<2048).map { _ in Int.random(in: -128...127, using: &generator) }
    let link = try LatentLink(HRM_INT8, dims, elements: noise)
    let bound = hr_payload_bound(link.head.handle, 0)
    #expect(bound == 2048 + 36)
    let payload = try link.pack()
    #expect(payload.count <= bound)
    #expect(link.unpack(payload) == HR_OK)
    #expect(link.elements == noise)

    link.fill((0..<2048).map { $0 / 8 % 16 * 4 + $0 / 128 })
    #expect(try link.pack().count < 2048 / 6)
    link.fill([Int](repeating: -3, count: 2048))
    #expect(try link.pack().count < 2048 / 20)
  }

  @Test func aBufferOfTheVerySizeSufficesAndOneByteLessIsRefused() throws {
    let elements = landscape(600, span: 60, channels: 6)
    let link = try LatentLink(HRM_INT8, [1, 10, 10, 6], elements: elements)
    let payload = try link.pack(rate: 2)
    #expect(try link.pack(rate: 2, capacity: payload.count) == payload)
    #expect(throws: RefusedModel.self) { try link.pack(rate: 2, capacity: payload.count - 1) }
    #expect(throws: RefusedModel.self) { try link.pack(rate: 2, capacity: 0) }
    #expect(throws: RefusedModel.self) { try link.pack(rate: UInt32(HR_MAX_RATE) + 1) }
  }

  @Test func everyTruncationAndEveryFlippedBitIsRefused() throws {
    let elements = landscape(96, span: 60, channels: 3)
    let link = try LatentLink(HRM_INT8, [1, 8, 4, 3], elements: elements)
    let payload = try link.pack()
    for count in 0..<payload.count {
      #expect(link.unpack(Array(payload.prefix(count))) == HR_BAD_PAYLOAD)
    }
    #expect(link.unpack(payload + [0]) == HR_BAD_PAYLOAD)
    for bit in 0..<payload.count * 8 {
      var flipped = payload
      flipped[bit / 8] ^= 1 << (bit % 8)
      #expect(link.unpack(flipped) == HR_BAD_PAYLOAD)
    }
    #expect(link.elements == elements)
  }

  @Test func aForgedPayloadStaysInsideTheInput() throws {
    let link = try LatentLink(
      HRM_INT8, [1, 8, 4, 3], elements: landscape(96, span: 60, channels: 3))
    let payload = try link.pack()
    for bit in 0..<(payload.count - 4) * 8 {
      var forged = payload
      forged[bit / 8] ^= 1 << (bit % 8)
      let checksum = ModelBuilder.crc32c(forged.dropLast(4))
      forged.replaceSubrange((forged.count - 4)..., with: bytes(of: [checksum]))
      let status = link.unpack(forged)
      #expect(status == HR_OK || status == HR_BAD_PAYLOAD)
      #expect(hr_session_run(link.head.handle, nil) == HR_OK)
    }
  }

  @Test func aPayloadTellsWhatItHolds() throws {
    let link = try LatentLink(HRM_INT8, [1, 8, 4, 3], scale: 0.25, zeroPoint: -9)
    let payload = try link.pack(rate: 3)
    var info = hr_payload_info.sized(hr_payload_info())
    #expect(hr_payload_inspect(payload, payload.count, &info, nil) == HR_OK)
    #expect(info.type == HR_INT8 && info.rank == 4 && info.rate == 3)
    #expect(info.dims.1 == 8 && info.dims.2 == 4 && info.dims.3 == 3 && info.dims.5 == 1)
    #expect(info.scale == 0.25 && info.zero_point == -9)
    #expect(info.model_id == ModelView(base: link.head.model.file.base).header.pointee.header_crc)
    #expect(hr_payload_inspect(payload, payload.count - 1, &info, nil) == HR_BAD_PAYLOAD)
    #expect(hr_payload_inspect(nil, 0, &info, nil) == HR_INVALID_ARGUMENT)
  }

  @Test func aTailOfAnotherTypeGetsTheSameRealNumbers() throws {
    let elements = landscape(96, span: 60, channels: 3)
    let dims = [1, 8, 4, 3]
    let head = try LatentLink(HRM_INT8, dims, scale: 0.25, zeroPoint: 5)
    head.fill(elements)
    let payload = try head.pack()

    let float = try OpenSession(OpenModel(SmallModels.identity(HRM_FLOAT32, dims)))
    #expect(hr_payload_unpack(float.handle, 0, payload, payload.count, nil) == HR_OK)
    let data = float.output().data.assumingMemoryBound(to: Float.self)
    #expect((0..<96).allSatisfy { data[$0] == 0.25 * Float(elements[$0] - 5) })

    let wider = try LatentLink(HRM_INT16, dims, scale: 0.125)
    #expect(wider.unpack(payload) == HR_OK)
    #expect(wider.elements == elements.map { 2 * ($0 - 5) })

    let coarser = try LatentLink(HRM_INT8, dims, scale: 1, zeroPoint: 1)
    #expect(coarser.unpack(payload) == HR_OK)
    #expect(
      coarser.elements
        == elements.map { Int((Double($0 - 5) / 4).rounded(.toNearestOrEven)) + 1 })
  }

  @Test func aTailOfAnotherShapeOrANarrowerTypeRefuses() throws {
    let head = try LatentLink(
      HRM_INT16, [1, 8, 4, 3], elements: landscape(96, span: 3000, channels: 3))
    let payload = try head.pack()
    #expect(try LatentLink(HRM_INT16, [1, 4, 8, 3]).unpack(payload) == HR_BAD_PAYLOAD)
    #expect(try LatentLink(HRM_INT16, [8, 4, 3]).unpack(payload) == HR_BAD_PAYLOAD)
    #expect(try LatentLink(HRM_INT8, [1, 8, 4, 3]).unpack(payload) == HR_BAD_PAYLOAD)
  }

  @Test func floatOutputsCannotBePacked() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity(HRM_FLOAT32)))
    #expect(hr_payload_bound(session.handle, 0) == 0)
    var out = [UInt8](repeating: 0, count: 1000)
    var count = 0
    #expect(
      hr_payload_pack(session.handle, 0, 0, &out, out.count, &count, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_payload_bound(session.handle, 1) == 0)
    #expect(hr_payload_bound(nil, 0) == 0)
    #expect(hr_payload_pack(nil, 0, 0, nil, 0, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_payload_unpack(nil, 0, nil, 0, nil) == HR_INVALID_ARGUMENT)
  }
}
