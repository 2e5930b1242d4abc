import CHeadrace
import Testing

@testable import Headrace

/// A latent in the memory of a head and of its tail, and the split between them.
struct SplitLink {
  let head: OpenSession
  let tail: OpenSession
  let sender: OpaquePointer
  let receiver: OpaquePointer
  private let memory: [AlignedBytes]
  private let dims: [Int]

  /// Layers and prior as a model's metadata says them; nil: without.
  init(
    _ dims: [Int], _ type: hrm_type = HRM_INT8, zeroPoint: Int32 = -3, layers: String? = nil,
    rates: String? = nil, prior: String? = nil, tailType: hrm_type? = nil
  ) throws {
    func builder(_ type: hrm_type, _ metadata: [(String, String)]) -> ModelBuilder {
      var model = ModelBuilder()
      let isFloat = type == HRM_FLOAT32
      let latent = model.tensor(
        type, dims, scale: isFloat ? 0 : 0.125, zeroPoint: isFloat ? 0 : zeroPoint)
      model.inputs = [latent]
      model.outputs = [latent]
      model.metadata = metadata.map { (key: $0.0, value: $0.1) }
      return model
    }
    self.dims = dims
    var metadata: [(String, String)] = []
    if let layers { metadata.append(("latent.layers", layers)) }
    if let rates { metadata.append(("latent.rates", rates)) }
    if let prior { metadata.append(("latent.prior", prior)) }
    head = try OpenSession(OpenModel(builder(type, metadata)))
    tail = try OpenSession(OpenModel(builder(tailType ?? type, [])))
    var model = head.model.model
    let bytes = hr_split_bytes(&model)
    guard bytes > 0 else { throw RefusedModel(status: HR_INVALID_ARGUMENT, message: "no size") }
    memory = [AlignedBytes(count: bytes), AlignedBytes(count: bytes)]
    var handles: [OpaquePointer?] = [nil, nil]
    var error = emptyError()
    guard hr_split_head_init(&handles[0], memory[0].base, bytes, head.handle, &error) == HR_OK,
      hr_split_tail_init(
        &handles[1], memory[1].base, bytes, tail.handle, &model, &error) == HR_OK,
      let sender = handles[0], let receiver = handles[1]
    else { throw RefusedModel(status: error.status, message: message(error)) }
    (self.sender, self.receiver) = (sender, receiver)
  }

  func fill(_ elements: [Int]) {
    let tensor = head.output()
    let raw =
      tensor.type == HR_INT8
      ? bytes(of: elements.map { Int8($0) }) : bytes(of: elements.map { Int16($0) })
    tensor.data.copyMemory(from: raw, byteCount: raw.count)
  }

  var received: [Int] {
    let tensor = tail.output()
    let raw = [UInt8](UnsafeRawBufferPointer(start: tensor.data, count: tensor.bytes))
    return tensor.type == HR_INT8
      ? values(raw, as: Int8.self).map { Int($0) } : values(raw, as: Int16.self).map { Int($0) }
  }

  func pack(
    rate: UInt32, most: UInt32 = 0, capacity: Int = Int(HR_MAX_PACKET_BYTES)
  ) throws -> (packet: [UInt8], result: hr_split_result) {
    var request = hr_split_request()
    request.struct_size = UInt32(MemoryLayout<hr_split_request>.size)
    request.rate = rate
    request.sequence = 258
    request.capture_us = 1 << 40 + 5
    request.max_bytes = most
    var result = hr_split_result.sized(hr_split_result())
    var out = [UInt8](repeating: 0xcc, count: capacity + 2)
    var count = 0
    var error = emptyError()
    let status = hr_split_pack(sender, &request, &out, capacity, &count, &result, &error)
    #expect(out.suffix(2) == [0xcc, 0xcc])
    if status != HR_OK { throw RefusedModel(status: status, message: message(error)) }
    #expect(Int(result.packet_bytes) == count)
    return (Array(out.prefix(count)), result)
  }

  @discardableResult
  func unpack(_ packet: [UInt8]) -> hr_status {
    hr_split_unpack(receiver, packet, packet.count, nil, nil)
  }
}

/// A rough landscape from a linear congruential generator, as in packet_reference.py.
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

/// A prior that suits nothing, as in packet_reference.py.
func priorConstants(channels: Int) -> [Int] {
  var state: UInt32 = 7
  var out: [Int] = []
  for channel in 0..<channels {
    for part in 0..<2 {
      for index in 0..<5 + channel {
        state = state &* 1_664_525 &+ 1_013_904_223
        let value = Int(state >> 16) % 1201 - 600
        out.append(part == 0 ? value : index == 0 ? 4000 + abs(value) : abs(value) / 4)
      }
    }
  }
  return out
}

func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: " ") }

/// The same again with a checksum that fits, as someone would make it who wants to do harm.
func sealed(_ packet: [UInt8]) -> [UInt8] {
  var packet = packet
  let crc = ModelBuilder.crc32c(packet[0..<20] + packet[24...])
  packet.replaceSubrange(20..<24, with: bytes(of: [crc]))
  return packet
}

@Suite struct PacketTests {
  static let dims = [1, 6, 5, 7]
  static let layers = "2 1 4"
  static let prior = text(priorConstants(channels: 7))

  private func learned() throws -> SplitLink {
    let link = try SplitLink(Self.dims, layers: Self.layers, prior: Self.prior)
    link.fill(landscape(210, span: 90, channels: 7))
    return link
  }

  // Lengths and the CRC-32C of the body, from packet_reference.py.
  @Test(
    arguments: [(0, 107, 0x9e6c_2d53), (1, 152, 0x59b2_0b31), (2, 369, 0x1d39_492b)]
      as [(
        UInt32, Int, UInt32
      )])
  func packetsWithALearnedPriorAreThoseOfTheReferenceEncoder(
    rate: UInt32, length: Int, checksum: UInt32
  ) throws {
    let packed = try learned().pack(rate: rate)
    #expect(packed.packet.count == length)
    #expect(ModelBuilder.crc32c(packed.packet[24...]) == checksum)
    #expect(packed.result.layers == rate + 1 && packed.result.precision == 0)
    #expect((packed.result.lost_permille == 0) == (rate == 2))
  }

  @Test(arguments: [(0, 86, 0x315b_1dd3), (2, 292, 0x7ee3_4dbf)] as [(UInt32, Int, UInt32)])
  func packetsWithoutAPriorAreThoseOfTheReferenceEncoder(
    rate: UInt32, length: Int, checksum: UInt32
  ) throws {
    let link = try SplitLink(Self.dims, layers: Self.layers)
    link.fill(landscape(210, span: 90, channels: 7))
    let packet = try link.pack(rate: rate).packet
    #expect(packet.count == length)
    #expect(ModelBuilder.crc32c(packet[24...]) == checksum)
    #expect(link.unpack(packet) == HR_OK)
  }

  // Lengths and the CRC-32C of the body, from packet_reference.py.
  @Test(
    arguments: [
      (HRM_INT8, [1, 29, 29, 12], -10, 0, 10623, 0x2bbe_6746),
      (HRM_INT8, [1, 29, 29, 12], -10, 3, 6747, 0xc0a3_832d),
      (HRM_INT8, [1, 29, 29, 12], -10, 6, 2999, 0x50a4_fc95),
      (HRM_INT8, [2, 5, 1, 70], 0, 0, 858, 0xe63d_90ee),
      (HRM_INT8, [2, 5, 1, 70], 0, 3, 520, 0x7d4b_3328),
      (HRM_INT8, [2, 5, 1, 70], 0, 6, 291, 0x9e82_2caf),
      (HRM_INT16, [1, 1, 300, 3], 0, 0, 1804, 0x60ff_17c9),
      (HRM_INT16, [1, 1, 300, 3], 0, 3, 1452, 0xc1bd_d062),
      (HRM_INT16, [1, 1, 300, 3], 0, 6, 1166, 0xd5c1_debb),
    ] as [(hrm_type, [Int], Int32, UInt32, Int, UInt32)])
  func packetsOfOneLayerAreThoseOfTheReferenceEncoder(
    type: hrm_type, dims: [Int], zeroPoint: Int32, precision: UInt32, length: Int, checksum: UInt32
  ) throws {
    let link = try SplitLink(dims, type, zeroPoint: zeroPoint)
    link.fill(
      landscape(dims.reduce(1, *), span: type == HRM_INT8 ? 120 : 30000, channels: dims[3]))
    let packet = try link.pack(rate: 6 - precision).packet
    #expect(packet.count == length)
    #expect(ModelBuilder.crc32c(packet[24...]) == checksum)
  }

  @Test(arguments: [
    [7], [1, 40], [2, 3, 4], [1, 1, 50, 2], [2, 3, 4, 100], [1, 2, 2, 3, 2, 5],
  ])
  func latentsOfEveryRankComeBack(dims: [Int]) throws {
    let link = try SplitLink(dims)
    let elements = landscape(dims.reduce(1, *), span: 100, channels: dims.last!)
    link.fill(elements)
    #expect(link.unpack(try link.pack(rate: 6).packet) == HR_OK)
    #expect(link.received == elements)
  }

  @Test func smoothLatentsShrinkAndNoiseHardlyGrows() throws {
    var generator = SystemRandomNumberGenerator()
    let link = try SplitLink([1, 16, 16, 8])
    let noise = (0..<2048).map { _ in Int.random(in: -128...127, using: &generator) }
    link.fill(noise)
    let packet = try link.pack(rate: 6).packet
    #expect(packet.count < 2048 * 9 / 8)
    #expect(link.unpack(packet) == HR_OK)
    #expect(link.received == noise)

    link.fill((0..<2048).map { $0 / 8 % 16 * 4 + $0 / 128 })
    #expect(try link.pack(rate: 6).packet.count < 2048 / 6)
    link.fill([Int](repeating: -3, count: 2048))
    #expect(try link.pack(rate: 6).packet.count < 2048 / 20)
  }

  @Test func aHeaderIsTheReferencesToTheByte() throws {
    let link = try SplitLink([1, 1, 1, 4])
    link.fill([-3, -3, -3, -3])
    var packet = try link.pack(rate: 0).packet
    // The reference's model has another identity.
    packet.replaceSubrange(4..<8, with: [0x78, 0x56, 0x34, 0x12])
    #expect(
      sealed(packet) == [
        0x48, 0x52, 0x11, 0x16, 0x78, 0x56, 0x34, 0x12, 0x02, 0x01, 0x00, 0x00, 0x05, 0x00, 0x00,
        0x00, 0x00, 0x01, 0x00, 0x00, 0xd5, 0x07, 0xe1, 0x8e,
      ])
  }

  @Test func everyRateBringsItsLayersAndZeroForTheOthers() throws {
    let link = try learned()
    let elements = landscape(210, span: 90, channels: 7)
    for (rate, channels) in [2, 3, 7].enumerated() {
      #expect(link.unpack(try link.pack(rate: UInt32(rate)).packet) == HR_OK)
      let expected = elements.enumerated().map { $0 % 7 < channels ? $1 : -3 }
      #expect(link.received == expected)
    }
  }

  @Test func aPacketCutAfterALayerIsThatOfTheLowerRate() throws {
    let link = try learned()
    let full = try link.pack(rate: 2)
    for kept in 1...3 {
      var packet = full.packet
      var count = packet.count
      #expect(hr_packet_cut(&packet, &count, UInt32(kept), nil) == HR_OK)
      #expect(Array(packet.prefix(count)) == (try link.pack(rate: UInt32(kept - 1)).packet))
      let end = withUnsafeBytes(of: full.result.layer_ends) {
        $0.load(fromByteOffset: 4 * (kept - 1), as: UInt32.self)
      }
      #expect(Int(end) == count)
    }
    var packet = full.packet
    var count = packet.count
    #expect(hr_packet_cut(&packet, &count, 0, nil) == HR_OK)
    #expect(count == 24 && link.unpack(Array(packet.prefix(24))) == HR_OK)
    #expect(link.received.allSatisfy { $0 == -3 })
  }

  @Test func aHeadWithoutLayersDropsBitsAtLowerRates() throws {
    let link = try SplitLink([1, 13, 9, 5])
    let elements = landscape(585, span: 120, channels: 5)
    link.fill(elements)
    #expect(hr_split_rates(link.sender) == 7)
    for rate in UInt32(0)...6 {
      let packed = try link.pack(rate: rate)
      #expect(packed.result.precision == 6 - rate)
      #expect(link.unpack(packed.packet) == HR_OK)
      let worst = zip(elements, link.received).map { abs($0 - $1) }.max()
      #expect(try #require(worst) <= (1 << (6 - rate)) / 2)
    }
  }

  @Test func aHeadsListOfRatesSaysWhatEachSends() throws {
    let link = try SplitLink(
      Self.dims, layers: Self.layers, rates: "1 3\n3 3 2 1 3 0", prior: Self.prior)
    #expect(hr_split_rates(link.sender) == 4)
    #expect(hr_split_rates(link.receiver) == 4)
    let elements = landscape(210, span: 100, channels: 7)
    link.fill(elements)
    for (rate, sent) in [(1, 3), (3, 3), (2, 1), (3, 0)].enumerated() {
      let packed = try link.pack(rate: UInt32(rate))
      #expect(packed.result.layers == sent.0 && packed.result.precision == sent.1)
      #expect(link.unpack(packed.packet) == HR_OK)
      let channels = [2, 3, 7][sent.0 - 1]
      for (index, (element, received)) in zip(elements, link.received).enumerated() {
        if index % 7 < channels {
          #expect(abs(element - received) <= (1 << sent.1) / 2)
        } else {
          #expect(received == -3)
        }
      }
    }
    #expect(throws: RefusedModel.self) { try link.pack(rate: 4) }
  }

  @Test func aRateThatIsTooLongGivesWayToTheHighestThatFits() throws {
    let link = try SplitLink(Self.dims, layers: Self.layers, rates: "3 4 3 3 3 2 3 1 3 0")
    link.fill(landscape(210, span: 100, channels: 7))
    let whole = try (0..<5).map { try link.pack(rate: UInt32($0)).packet }
    for rate in 1..<5 {
      let packed = try link.pack(rate: 4, most: UInt32(whole[rate].count - 1))
      #expect(packed.packet == whole[rate - 1])
    }
    let first = try link.pack(rate: 4, most: UInt32(whole[0].count - 1))
    #expect(first.result.layers < 3 && first.result.precision == 4)
  }

  @Test(arguments: [
    "", "2", "0 0", "4 0", "-1 0", "1 16", "1 -1", "1 x", "1 0 2",
    String(repeating: "1 0 ", count: 16), "99999999999 0",
  ])
  func ratesThatMakeNoSenseAreRefused(_ rates: String) throws {
    #expect(throws: RefusedModel.self) {
      try SplitLink(Self.dims, layers: Self.layers, rates: rates)
    }
  }

  @Test(arguments: [nil, prior]) func noPacketIsLongerThanItMayBe(prior: String?) throws {
    let link = try SplitLink(Self.dims, layers: Self.layers, prior: prior)
    var generator = SystemRandomNumberGenerator()
    for most in [24, 25, 30, 40, 64, 100, 150, 400] {
      for span in [1, 30, 125] {
        link.fill((0..<210).map { _ in Int.random(in: -span...span, using: &generator) })
        let packed = try link.pack(rate: 2, most: UInt32(most))
        #expect(packed.packet.count <= most)
        #expect(link.unpack(packed.packet) == HR_OK)
        #expect((try link.pack(rate: 2, capacity: most)).packet == packed.packet)
        #expect(packed.result.lost_permille <= 1000)
      }
    }
    #expect(throws: RefusedModel.self) { try link.pack(rate: 2, most: 23) }
    #expect(throws: RefusedModel.self) { try link.pack(rate: 3) }
  }

  @Test func extremeElementsFarFromThePriorsMeanComeBack() throws {
    let link = try SplitLink(Self.dims, layers: Self.layers, prior: Self.prior)
    let elements = (0..<210).map { $0 % 11 < 3 ? 127 : $0 % 5 == 0 ? -128 : -3 }
    link.fill(elements)
    #expect(link.unpack(try link.pack(rate: 2).packet) == HR_OK)
    #expect(link.received == elements)
  }

  @Test func everyTruncationAndEveryFlippedBitIsRefused() throws {
    let link = try learned()
    let packet = try link.pack(rate: 1).packet
    for count in 0..<packet.count {
      #expect(link.unpack(Array(packet.prefix(count))) == HR_BAD_PAYLOAD)
    }
    #expect(link.unpack(packet + [0]) == HR_BAD_PAYLOAD)
    for bit in 0..<packet.count * 8 {
      var flipped = packet
      flipped[bit / 8] ^= 1 << (bit % 8)
      #expect(link.unpack(flipped) == HR_BAD_PAYLOAD)
    }
  }

  @Test func aForgedPacketStaysInsideTheInput() throws {
    let link = try learned()
    let packet = try link.pack(rate: 2).packet
    for bit in 0..<packet.count * 8 where !(160..<192).contains(bit) {
      var forged = packet
      forged[bit / 8] ^= 1 << (bit % 8)
      let status = link.unpack(sealed(forged))
      #expect(status == HR_OK || status == HR_BAD_PAYLOAD)
      var copy = sealed(forged)
      var count = copy.count
      _ = hr_packet_cut(&copy, &count, 1, nil)
      #expect(count <= copy.count)
    }
  }

  @Test func aTailOfAnotherTypeGetsTheSameRealNumbersAndANarrowerOneIsRefused() throws {
    let elements = landscape(96, span: 60, channels: 3)
    let wider = try SplitLink([1, 8, 4, 3], zeroPoint: 0, tailType: HRM_INT16)
    wider.fill(elements)
    #expect(wider.unpack(try wider.pack(rate: 6).packet) == HR_OK)
    #expect(wider.received == elements)
    #expect(throws: RefusedModel.self) {
      try SplitLink([1, 8, 4, 3], HRM_INT16, zeroPoint: 0, tailType: HRM_INT8)
    }
  }

  @Test func aTailWhoseMemoryHoldsANarrowerOneByNowIsRefused() throws {
    let link = try SplitLink([1, 8, 4, 3], HRM_INT16, zeroPoint: 0)
    link.fill(landscape(96, span: 60, channels: 3))
    let packet = try link.pack(rate: 0).packet
    #expect(link.unpack(packet) == HR_OK)
    let narrower = try OpenModel(SmallModels.identity(HRM_INT8, [1, 8, 4, 3]))
    var (model, config) = (narrower.model, hr_session_config())
    hr_session_config_init(&config)
    var session: OpaquePointer?
    let memory = link.tail.memory
    #expect(hr_session_init(&session, memory.base, memory.count, &model, &config, nil) == HR_OK)
    #expect(link.unpack(packet) == HR_BAD_PAYLOAD)
  }

  @Test func floatOutputsCannotBeSent() throws {
    #expect(throws: RefusedModel.self) { try SplitLink([1, 4, 4, 3], HRM_FLOAT32) }
    #expect(hr_split_bytes(nil) == 0)
    #expect(hr_split_rates(nil) == 0)
    #expect(hr_split_pack(nil, nil, nil, 0, nil, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_split_unpack(nil, nil, 0, nil, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_packet_inspect(nil, 0, nil, nil) == HR_INVALID_ARGUMENT)
  }

  @Test func aPacketTellsWhatItHolds() throws {
    let link = try learned()
    let packet = try link.pack(rate: 1).packet
    var info = hr_packet_info.sized(hr_packet_info())
    #expect(hr_packet_inspect(packet, packet.count, &info, nil) == HR_OK)
    #expect(info.kind == HR_PACKET_LATENT && info.layers == 2 && info.precision == 0)
    #expect(info.sequence == 258 && info.capture_us == 1 << 40 + 5)
    #expect(info.model_id == hr_split_model_id(link.sender))
    #expect(Int(info.body_bytes) == packet.count - 24)
    var length = 0
    #expect(hr_packet_length(packet, &length, nil) == HR_OK)
    #expect(length == packet.count)
  }

  @Test func aTailRefusesAnotherHeadsPackets() throws {
    let link = try learned()
    let other = try SplitLink(Self.dims, layers: "3 4", prior: Self.prior)
    #expect(link.unpack(try other.pack(rate: 0).packet) == HR_BAD_PAYLOAD)
    #expect(hr_split_model_id(link.sender) == hr_split_model_id(link.receiver))
    #expect(hr_split_model_id(link.sender) != hr_split_model_id(other.sender))
  }

  @Test func aFloatTailAndAnExitGetTheRealNumbers() throws {
    let link = try SplitLink(
      Self.dims, layers: Self.layers, prior: Self.prior, tailType: HRM_FLOAT32)
    let elements = landscape(210, span: 90, channels: 7)
    link.fill(elements)
    let expected = elements.enumerated().map { $0 % 7 < 3 ? 0.125 * Float($1 + 3) : 0 }
    func reals(_ session: OpenSession) -> [Float] {
      let data = session.output().data.assumingMemoryBound(to: Float.self)
      return (0..<210).map { data[$0] }
    }
    #expect(link.unpack(try link.pack(rate: 1).packet) == HR_OK)
    #expect(reals(link.tail) == expected)
    let exit = try OpenSession(OpenModel(SmallModels.identity(HRM_FLOAT32, Self.dims)))
    #expect(hr_split_share(link.sender, 1, exit.handle, 0, nil) == HR_OK)
    #expect(reals(exit) == expected)
    #expect(hr_split_share(link.sender, 3, exit.handle, 0, nil) == HR_INVALID_ARGUMENT)
    #expect(hr_split_share(link.receiver, 1, exit.handle, 0, nil) == HR_INVALID_ARGUMENT)
  }

  @Test(
    arguments: [
      ("2 1 3", nil), ("2 1 4 0", nil), ("7 x", nil), ("", nil),
      ("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", nil),
      (layers, "1 2 3"), (layers, prior + " 1"), (layers, prior.replacing("4", with: "99999999")),
      (layers, prior.replacing(" ", with: ",")),
    ] as [(String, String?)])
  func aHeadThatDescribesItsLatentWronglyIsRefused(layers: String, prior: String?) {
    #expect(throws: RefusedModel.self) { try SplitLink(Self.dims, layers: layers, prior: prior) }
  }

  @Test func aTailKnowsItsHead() throws {
    let link = try learned()
    let packet = try link.pack(rate: 2).packet
    let identity = String(hr_split_model_id(link.sender), radix: 16)
    let name = String(repeating: "0", count: 8 - identity.count) + identity
    func tail(_ description: String) throws -> hr_status {
      var model = SmallModels.identity(HRM_INT8, Self.dims)
      model.metadata = [
        ("latent.head", description), ("latent.layers", Self.layers), ("latent.prior", Self.prior),
      ]
      let session = try OpenSession(OpenModel(model))
      var handle = session.model.model
      let count = max(64, hr_split_bytes(&handle))
      let memory = AlignedBytes(count: count)
      var split: OpaquePointer?
      let status = hr_split_tail_init(&split, memory.base, count, session.handle, nil, nil)
      return status == HR_OK ? hr_split_unpack(split, packet, packet.count, nil, nil) : status
    }
    #expect(try tail("\(name) int8 3e000000 -3 4 1 6 5 7") == HR_OK)
    #expect(try tail("12345678 int8 3e000000 -3 4 1 6 5 7") == HR_BAD_PAYLOAD)
    for wrong in [
      "", name, "\(name) int4 3e000000 -3 4 1 6 5 7", "\(name) int8 3e000000 -3 4 1 6 5",
      "\(name) int8 3e000000 -3 9 1 6 5 7", "\(name) int8 3e000000 -300 4 1 6 5 7",
      "\(name) int8 3e000000 -3 4 1 99999 99999 7", "\(name) int8 3e000000 -3 4 1 6 -5 7",
      "\(name) int8 3e000000 -3 4 1 6 5 7 1", "\(name) int83e000000 -3 4 1 6 5 7",
      "\(name) int8 7fc00000 -3 4 1 6 5 7", "\(name) int8 be000000 -3 4 1 6 5 7",
    ] {
      #expect(try tail(wrong) == HR_BAD_MODEL)
    }
    #expect(try tail("\(name) int8 3e000000 -3 4 1 5 6 7") == HR_INVALID_ARGUMENT)
  }

  @Test func answersAndRefusalsComeBack() throws {
    var answer = hr_answer.sized(hr_answer())
    answer.model_id = 0xdead_beef
    answer.sequence = 77
    answer.capture_us = 1 << 47 + 9
    answer.tail_us = 1234
    answer.class_count = 2
    answer.classes.0 = hr_class(index: 65535, probability: 0.75)
    answer.classes.1 = hr_class(index: 3, probability: .nan)
    var packet = [UInt8](repeating: 0, count: 64)
    var count = 0
    #expect(hr_answer_pack(&answer, &packet, packet.count, &count, nil) == HR_OK)
    #expect(count == 24 + 4 + 8)
    // 0.75 * 65535 rounds to 0xbfff.
    #expect(Array(packet[24..<count]) == [0xd2, 4, 0, 0, 0xff, 0xff, 0xff, 0xbf, 3, 0, 0, 0])
    var back = hr_answer.sized(hr_answer())
    #expect(hr_answer_unpack(packet, count, &back, nil) == HR_OK)
    #expect(back.sequence == 77 && back.capture_us == 1 << 47 + 9 && back.model_id == 0xdead_beef)
    #expect(back.class_count == 2 && abs(back.classes.0.probability - 0.75) < 1e-4)
    #expect(hr_answer_pack(&answer, &packet, count - 1, &count, nil) == HR_BUFFER_TOO_SMALL)

    answer.status = HR_NOT_FOUND
    #expect(hr_answer_pack(&answer, &packet, packet.count, &count, nil) == HR_OK)
    #expect(count == 25)
    #expect(hr_answer_unpack(packet, count, &back, nil) == HR_OK)
    #expect(back.status == HR_NOT_FOUND && back.class_count == 0)
    // An answer without a body, which claims nothing.
    let empty = sealed([0x48, 0x52, 0x12] + [UInt8](repeating: 0, count: 21))
    #expect(hr_answer_unpack(empty, 24, &back, nil) == HR_BAD_PAYLOAD)
  }

  @Test func theLikeliestClassesComeFirst() throws {
    let session = try OpenSession(OpenModel(SmallModels.identity(HRM_FLOAT32, [1, 1, 1, 5])))
    let data = session.output().data.assumingMemoryBound(to: Float.self)
    for (index, probability) in [0.1, 0.4, 0.05, 0.4, 0.05].enumerated() {
      data[index] = Float(probability)
    }
    var answer = hr_answer.sized(hr_answer())
    #expect(hr_answer_from_session(&answer, session.handle, 3, nil) == HR_OK)
    #expect(answer.class_count == 3)
    #expect([answer.classes.0.index, answer.classes.1.index, answer.classes.2.index] == [1, 3, 0])
    #expect(hr_answer_from_session(&answer, session.handle, 9, nil) == HR_INVALID_ARGUMENT)
  }
}
