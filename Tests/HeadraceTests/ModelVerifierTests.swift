import CHeadrace
import Testing

@testable import Headrace

/// Opens a file; if it is accepted, runs it twice with every byte of the session's surroundings watched
/// by what the sanitizers see, and reads everything that can be read.
@discardableResult
func openAndUse(_ file: AlignedBytes) -> hr_status {
  var handle = hr_model()
  let status = hr_model_open(&handle, file.base, file.count, nil)
  guard status == HR_OK else { return status }
  let header = ModelView(base: file.base).header.pointee
  // A forged file may ask for more memory than a test should take: refusing that is the caller's part.
  guard header.arena_bytes + UInt64(header.scratch_bytes) < 1 << 20 else { return status }
  var config = hr_session_config()
  hr_session_config_init(&config)
  let memory = AlignedBytes(count: hr_session_bytes(&handle, &config))
  var session: OpaquePointer?
  #expect(
    hr_session_init(&session, memory.base, memory.count, &handle, &config, nil) == HR_OK)
  var tensor = hr_tensor.sized(hr_tensor())
  for index in 0..<header.input_count {
    #expect(hr_session_input(session, index, &tensor) == HR_OK)
    for offset in 0..<tensor.bytes {
      tensor.data.storeBytes(
        of: UInt8(truncatingIfNeeded: offset &* 29), toByteOffset: offset, as: UInt8.self)
    }
  }
  #expect(hr_session_run(session, nil) == HR_OK)
  var text: UnsafePointer<CChar>?
  var count = 0
  _ = hr_model_label(&handle, 1, &text, &count)
  return status
}

/// `x` after a change, with its checksums put right.
private func forged(_ file: [UInt8], _ change: (inout [UInt8]) -> Void) -> AlignedBytes {
  var file = file
  change(&file)
  ModelBuilder.seal(&file)
  return AlignedBytes(file)
}

/// The header that a file's bytes begin with.
private func header(of file: [UInt8]) -> hrm_header {
  file.withUnsafeBytes { $0.loadUnaligned(as: hrm_header.self) }
}

@Suite struct ModelVerifierTests {
  let file = SmallModels.network().file()

  @Test func aSoundModelIsAccepted() {
    #expect(openAndUse(AlignedBytes(file)) == HR_OK)
  }

  @Test func everyTruncationIsRefused() {
    let whole = AlignedBytes(file)
    var model = hr_model()
    for count in 0..<file.count {
      #expect(hr_model_open(&model, whole.base, count, nil) == HR_BAD_MODEL)
    }
  }

  @Test func everyFlippedBitIsNoticed() {
    let whole = AlignedBytes(file)
    var model = hr_model()
    // Every bit of the header, and one in each byte behind it.
    for bit in 0..<256 * 8 + (file.count - 256) {
      let offset = bit < 2048 ? bit / 8 : bit - 2048 + 256
      let mask = UInt8(1) << (bit % 8)
      whole.base.storeBytes(of: file[offset] ^ mask, toByteOffset: offset, as: UInt8.self)
      #expect(hr_model_open(&model, whole.base, whole.count, nil) != HR_OK)
      whole.base.storeBytes(of: file[offset], toByteOffset: offset, as: UInt8.self)
    }
  }

  // One bit of each byte, another one in each neighbour; the fuzzer tries the rest.
  @Test func aForgedRecordIsRefusedOrRunsSafely() {
    let header = header(of: file)
    for offset in 0..<Int(header.constants_offset) {
      openAndUse(forged(file) { $0[offset] ^= 1 << (offset * 5 % 8) })
    }
  }

  @Test func extremesInEveryWordAreRefusedOrRunSafely() {
    let header = header(of: file)
    for offset in stride(from: 0, to: Int(header.constants_offset), by: 4) {
      for word: UInt32 in [0, .max, 0x8000_0000, 64] {
        openAndUse(
          forged(file) { $0.replaceSubrange(offset..<offset + 4, with: bytes(of: [word])) })
      }
    }
  }

  @Test func nothingButAModelIsRefusedAsSuch() {
    for bytes in [[], [UInt8](repeating: 0, count: 4096), Array("\u{7f}ELF model".utf8)] {
      let memory = AlignedBytes(bytes)
      var model = hr_model()
      var error = emptyError()
      #expect(hr_model_open(&model, memory.base, memory.count, &error) == HR_BAD_MODEL)
      #expect(message(error).hasPrefix("not a Headrace model"))
    }
  }
}

/// Models that are well formed record by record but wrong as a whole.
@Suite struct ModelGraphAttackTests {
  /// The message that a changed network is refused with.
  private func refusal(_ change: (inout ModelBuilder) -> Void) -> String {
    var model = SmallModels.network()
    change(&model)
    do {
      _ = try OpenModel(model)
      return "accepted"
    } catch {
      return (error as? RefusedModel)?.message ?? "unknown"
    }
  }

  private func tensor(_ name: String, _ model: ModelBuilder) -> Int {
    let names = [
      "picture": model.inputs[0], "features": model.operands[4], "bent": model.operands[7],
      "sum": model.operands[10], "peaks": model.operands[12], "flat": model.operands[14],
    ]
    return Int(names[name]!)
  }

  @Test func theNetworkItselfIsFine() {
    #expect(refusal { _ in } == "accepted")
  }

  @Test func weightsBehindAChannelsLastAreZero() {
    // 27 weights of each channel in quads: the last of the seventh quad is padding.
    #expect(
      refusal { model in
        let kernel = model.tensors[Int(model.operands[1])]
        model.constants[Int(kernel.offset) + 6 * 32 + 3 * 4 + 3] = 1
      }.contains("weights are not padded with zeros"))
  }

  @Test func readingBeforeWritingIsRefused() {
    let message = refusal { $0.operators.swapAt(0, 1) }
    #expect(message != "accepted")
    #expect(
      refusal { model in model.operands[5] = UInt32(tensor("peaks", model)) }
        .hasPrefix("an operator reads a tensor before it is written (operator 1)"))
  }

  @Test func readingATensorThatNobodyWritesIsRefused() {
    let message = refusal { model in
      let orphan = model.tensor(HRM_INT8, [1, 6, 6, 8], scale: 0.5, zeroPoint: 3)
      model.operands[5] = orphan
    }
    #expect(message.hasPrefix("an operator reads a tensor before it is written"))
  }

  @Test func writingATensorTwiceIsRefused() {
    let message = refusal { model in model.operands[7] = UInt32(tensor("features", model)) }
    #expect(message != "accepted")
  }

  @Test func aFalseProducerIsRefused() {
    let message = refusal { model in
      let orphan = model.tensor(HRM_INT8, [8])
      model.tensors[Int(orphan)].producer = 2
    }
    #expect(message.hasPrefix("a tensor names a producer that does not produce it"))
  }

  @Test func writingAConstantOrAnInputIsRefused() {
    #expect(refusal { $0.operands[4] = $0.operands[1] } != "accepted")
    #expect(refusal { $0.operands[4] = $0.inputs[0] } != "accepted")
  }

  @Test func anOutputOverItsInputIsRefusedUnlessInPlace() {
    #expect(
      refusal { model in
        model.tensors[tensor("peaks", model)].offset = model.tensors[tensor("sum", model)].offset
      }.hasPrefix("an operator's output overlaps its input in the arena (operator 3)"))
    // An element-wise operator may take its input's place, exactly.
    #expect(
      refusal { model in
        model.tensors[tensor("bent", model)].offset =
          model.tensors[tensor("features", model)].offset
      } == "accepted")
    #expect(
      refusal { model in
        model.tensors[tensor("bent", model)].offset =
          model.tensors[tensor("features", model)].offset + 64
      }.hasPrefix("an operator's output overlaps its input in the arena (operator 1)"))
  }

  @Test func anExtentBeyondTheArenaIsRefused() {
    #expect(
      refusal { $0.arenaBytes -= 64 }.hasPrefix("a tensor is not aligned, or not inside its arena"))
    #expect(
      refusal { model in model.tensors[tensor("sum", model)].offset = 0xffff_ffc0 }
        .hasPrefix("a tensor is not aligned, or not inside its arena"))
  }

  @Test func anArenaThatItsTensorsCannotFillIsRefused() {
    let message = refusal { $0.arenaBytes += 64 }
    #expect(message.hasPrefix("the arena is larger than its tensors together"))
  }

  @Test func dimsWhoseProductWrapsAroundAreRefused() {
    let message = refusal { model in
      let picture = tensor("picture", model)
      model.tensors[picture].dims = (1 << 16, 1 << 16, 1 << 16, 1 << 16, 1, 1)
      model.tensors[picture].bytes = 0
    }
    #expect(message.hasPrefix("a tensor's dims are out of range (tensor"))
  }

  @Test func aFloatOperandInAFixedPointModelIsRefused() {
    var model = ModelBuilder()
    let input = model.tensor(HRM_FLOAT32, [4])
    let output = model.tensor(HRM_FLOAT32, [4])
    model.add(HRM_RESHAPE, inputs: [input], outputs: [output])
    model.inputs = [input]
    model.outputs = [output]
    var file = model.file()
    #expect(openAndUse(AlignedBytes(file)) == HR_OK)
    file[60] = 0  // flags
    ModelBuilder.seal(&file)
    #expect(openAndUse(AlignedBytes(file)) == HR_BAD_MODEL)
  }

  @Test func moreOperationsThanCanBeCountedAreRefused() {
    var file = SmallModels.network().file()
    file[47] = 0x80  // the highest byte of the header's macs
    ModelBuilder.seal(&file)
    #expect(openAndUse(AlignedBytes(file)) == HR_BAD_MODEL)
  }

  @Test func tooLittleScratchIsRefused() {
    // A convolution with padding asks for scratch memory; if the kernels stop doing so, nothing is
    // left to refuse.
    let network = SmallModels.network()
    let file = network.file()
    let scratch = header(of: file).scratch_bytes
    if scratch > 0 {
      #expect(
        refusal { $0.scratchBytes = Int(scratch) - 64 }
          .hasPrefix("the model's scratch memory is too small"))
    }
  }

  @Test func aPictureTableOfTheWrongShapeIsRefused() {
    #expect(
      refusal { $0.frameInputs[0].color = UInt8(HRM_GRAY.rawValue) }
        .hasPrefix("a frame input is not 1 x H x W"))
    #expect(
      refusal { model in model.frameInputs[0].table = model.operands[1] }
        .hasPrefix("a frame input's table is not [C][256]"))
    #expect(refusal { $0.frameInputs[0].input = 1 } != "accepted")
  }

  @Test func anInterfaceOfStrangeTensorsIsRefused() {
    #expect(refusal { $0.inputs = [] } != "accepted")
    #expect(refusal { $0.outputs = [] } != "accepted")
    #expect(refusal { $0.outputs = [9999] } != "accepted")
    #expect(refusal { $0.inputs.append($0.inputs[0]) } != "accepted")
    #expect(refusal { model in model.outputs = [model.operands[1]] } != "accepted")
    #expect(refusal { model in model.inputs = [UInt32(tensor("sum", model))] } != "accepted")
  }

  @Test func anUnknownOperatorIsNamedByItsIndex() {
    #expect(
      refusal { $0.operators[2].code = 4000 }.hasPrefix("unknown operator code (operator 2)"))
  }
}
