import CHeadrace

extension Verifier {
  func isModelInput(_ tensor: UInt32) -> Bool {
    for index in 0..<view.inputCount where view.interface[index] == tensor { return true }
    return false
  }

  /// Inputs are arena tensors that nothing produces, each with memory of its own.
  func verifyInterface() throws(Failure) {
    for index in 0..<view.inputCount {
      let tensor = view.interface[index]
      guard tensor < header.tensor_count else { throw .badModel("an input is not a tensor") }
      let record = view.input(index)
      guard !record.pointee.isConstant, record.pointee.producer == HRM_NONE else {
        throw .badModel("a model input is a constant or made by an operator", tensor: tensor)
      }
      for other in 0..<index where Self.overlap(record, view.input(other)) {
        throw .badModel("two model inputs overlap in the arena", tensor: tensor)
      }
    }
  }

  /// Outputs are arena tensors that an operator makes, or inputs.
  func verifyModelOutputs() throws(Failure) {
    for index in view.inputCount..<view.inputCount + view.outputCount {
      let tensor = view.interface[index]
      guard tensor < header.tensor_count else { throw .badModel("an output is not a tensor") }
      let record = view.tensors + Int(tensor)
      guard
        !record.pointee.isConstant,
        record.pointee.producer != HRM_NONE || isModelInput(tensor)
      else { throw .badModel("a model output is never written", tensor: tensor) }
    }
  }

  /// Keys and values are strings inside the strings section.
  func verifyMetadata() throws(Failure) {
    for index in 0..<view.metadataCount {
      let entry = view.metadata[index]
      let end = UInt64(entry.value) + UInt64(entry.value_bytes)
      guard
        entry.reserved == 0, entry.key < header.strings_bytes, end < UInt64(header.strings_bytes),
        view.strings[Int(end)] == 0
      else { throw .badModel("metadata is not inside the strings") }
    }
  }

  /// A picture input is 1 x H x W x C with a table for each of its 1 or 3 channels.
  func verifyFrameInputs() throws(Failure) {
    for index in 0..<view.frameInputCount {
      let frame = view.frameInputs[index]
      let reserved = frame.reserved
      guard
        reserved.0 | reserved.1 | reserved.2 | reserved.3 | reserved.4 == 0,
        frame.input < header.input_count, frame.table < header.tensor_count,
        (HRM_RGB.rawValue...HRM_GRAY.rawValue).contains(UInt32(frame.color)),
        (HR_FIT_STRETCH.rawValue...HR_FIT_LETTERBOX.rawValue).contains(UInt32(frame.fit)),
        frame.filter <= HR_FILTER_AREA.rawValue
      else { throw .badModel("a frame input's fields are out of range") }
      for other in 0..<index where view.frameInputs[other].input == frame.input {
        throw .badModel("two frame inputs describe the same input")
      }
      let input = view.input(Int(frame.input)).pointee
      let table = view.tensors[Int(frame.table)]
      let channels = UInt32(frame.color) == HRM_GRAY.rawValue ? 1 : 3
      let side = Int(HR_MAX_FRAME_SIDE)
      guard
        input.isActivation, input.rank == 4, input.batch == 1, input.channels == channels,
        input.height <= side, input.width <= side
      else { throw .badModel("a frame input is not 1 x H x W x 1 or 3", tensor: frame.table) }
      guard
        table.isConstant, table.type == input.type, table.rank == 2, table[dim: 0] == channels,
        table[dim: 1] == 256
      else {
        throw .badModel("a frame input's table is not [C][256] of its type", tensor: frame.table)
      }
    }
  }
}
