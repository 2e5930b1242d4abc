import CHeadrace

// libFuzzer calls this with bytes of its making. They are opened as a model as they are and, so that
// checksums do not keep the fuzzer outside, once more with the right checksums. What opens is asked
// everything, and runs if that takes little memory and little work. All memory is allocated to the byte,
// for AddressSanitizer; a fixed-point model must compute the same with every number of threads.

private let mostSessionBytes = 1 << 20
private let mostOperations = 1 << 22

@c(LLVMFuzzerTestOneInput)
public func fuzzModel(_ data: UnsafeRawPointer?, _ size: Int) -> CInt {
  let bytes = UnsafeMutableRawPointer.allocate(
    byteCount: max(size, 1), alignment: Int(HRM_ALIGNMENT))
  defer { bytes.deallocate() }
  if let data { bytes.copyMemory(from: data, byteCount: size) }
  var needs = hr_requirements()
  needs.struct_size = UInt32(MemoryLayout<hr_requirements>.size)
  _ = hr_model_requirements(bytes, min(size, Int(HR_REQUIREMENTS_BYTES)), &needs, nil)
  exercise(bytes, size)
  if size > Int(HRM_HEADER_BYTES) {
    seal(bytes, size)
    exercise(bytes, size)
  }
  return 0
}

/// Writes the checksums that the file's bytes have.
private func seal(_ bytes: UnsafeMutableRawPointer, _ size: Int) {
  let header = bytes.assumingMemoryBound(to: hrm_header.self)
  header.pointee.file_bytes = UInt64(size)
  let headerBytes = Int(HRM_HEADER_BYTES)
  header.pointee.body_crc = hr_crc32c(bytes + headerBytes, size - headerBytes)
  header.pointee.header_crc = 0
  header.pointee.header_crc = hr_crc32c(bytes, headerBytes)
}

private func exercise(_ bytes: UnsafeRawPointer, _ size: Int) {
  var model = hr_model()
  guard hr_model_open(&model, bytes, size, nil) == HR_OK else { return }
  var tensor = hr_tensor()
  tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
  _ = hr_model_input(&model, 0, &tensor)
  _ = hr_model_output(&model, 0, &tensor)
  var text: UnsafePointer<CChar>?
  var textBytes = 0
  _ = hr_model_metadata(&model, "labels", &text, &textBytes)
  _ = hr_model_label(&model, 3, &text, &textBytes)

  let header = bytes.assumingMemoryBound(to: hrm_header.self)
  guard let alone = result(&model, header, bytes, threads: 1),
    let together = result(&model, header, bytes, threads: 3)
  else { return }
  if header.pointee.flags & UInt32(HRM_USES_FLOAT) == 0, alone != together { hr_panic() }
}

/// Runs the model in a session of its own and returns the checksum of what it computes; nil if it would
/// take too long.
private func result(
  _ model: inout hr_model, _ header: UnsafePointer<hrm_header>, _ bytes: UnsafeRawPointer,
  threads: UInt32
) -> UInt32? {
  var config = hr_session_config()
  hr_session_config_init(&config)
  config.threads = threads
  config.parallel = runInTurn
  let memoryBytes = hr_session_bytes(&model, &config)
  guard memoryBytes > 0, memoryBytes <= mostSessionBytes,
    operations(header.pointee, bytes) <= mostOperations
  else { return nil }
  let memory = UnsafeMutableRawPointer.allocate(
    byteCount: memoryBytes, alignment: Int(HRM_ALIGNMENT))
  defer { memory.deallocate() }
  memory.initializeMemory(as: UInt8.self, repeating: 0xa5, count: memoryBytes)
  var session: OpaquePointer?
  guard hr_session_init(&session, memory, memoryBytes, &model, &config, nil) == HR_OK else {
    hr_panic()
  }
  fillInputs(session, header.pointee.input_count)
  // Nothing that a verified file holds makes a run fail.
  guard hr_session_run(session, nil) == HR_OK else { hr_panic() }
  var sum: UInt32 = 0
  var tensor = hr_tensor()
  tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
  for index in 0..<header.pointee.output_count
  where hr_session_output(session, index, &tensor) == HR_OK {
    sum = sum &* 31 &+ hr_crc32c(tensor.data, tensor.bytes)
  }
  sendAndReceive(session, &model)
  return sum
}

/// About the multiply-accumulates and moved elements of one run. What the file says of them is no proof.
private func operations(_ header: hrm_header, _ bytes: UnsafeRawPointer) -> Int {
  let tensors = (bytes + Int(header.tensors_offset)).assumingMemoryBound(to: hrm_tensor.self)
  let operators = (bytes + Int(header.operators_offset)).assumingMemoryBound(to: hrm_operator.self)
  let operands = (bytes + Int(header.operands_offset)).assumingMemoryBound(to: UInt32.self)
  func dim(_ tensor: hrm_tensor, _ axis: Int) -> Int {
    withUnsafeBytes(of: tensor.dims) {
      Int($0.loadUnaligned(fromByteOffset: 4 * axis, as: UInt32.self))
    }
  }
  func elements(_ tensor: hrm_tensor) -> Int {
    (0..<Int(tensor.rank)).reduce(1) { $0 &* dim(tensor, $1) }
  }
  var total = 0
  for index in 0..<Int(header.operator_count) {
    let op = operators[index]
    var inputs: [hrm_tensor] = []
    for position in 0..<Int(op.input_count) {
      let operand = operands[Int(op.first_operand) + position]
      if operand != HRM_NONE { inputs.append(tensors[Int(operand)]) }
    }
    let output = tensors[Int(operands[Int(op.first_operand) + Int(op.input_count)])]
    let outputs = elements(output)
    switch hrm_code(UInt32(op.code)) {
    case HRM_CONV2D, HRM_DEPTHWISE_CONV2D, HRM_TRANSPOSED_CONV2D, HRM_DENSE:
      total += outputs / dim(output, Int(output.rank) - 1) * elements(inputs[1])
    case HRM_WINOGRAD_CONV2D:
      // Thirty-six points a tile of nine or sixteen outputs, and transforms.
      total += outputs / dim(output, Int(output.rank) - 1) / 4 * elements(inputs[1])
    case HRM_MATMUL:
      let rank = Int(inputs[0].rank)
      total += outputs * max(dim(inputs[0], rank - 1), dim(inputs[0], max(0, rank - 2)))
    case HRM_POOL2D:
      total += outputs * Int(op.params.1) * Int(op.params.2)
    default:
      total += outputs + inputs.reduce(0) { $0 + elements($1) }
    }
    if total > mostOperations { break }
  }
  return total
}

/// Fills every input with bytes of all kinds, which as floats are also NaN and huge, and a picture input
/// from a frame.
private func fillInputs(_ session: OpaquePointer?, _ count: UInt32) {
  var tensor = hr_tensor()
  tensor.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
  for index in 0..<count where hr_session_input(session, index, &tensor) == HR_OK {
    for offset in 0..<tensor.bytes {
      tensor.data.storeBytes(
        of: UInt8(truncatingIfNeeded: offset &* 29 ^ offset &>> 7), toByteOffset: offset,
        as: UInt8.self)
    }
  }
  var pixels: [UInt8] = []
  for index in 0..<(13 * 7 * 3) { pixels.append(UInt8(truncatingIfNeeded: index &* 37)) }
  var frame = hr_frame()
  frame.struct_size = UInt32(MemoryLayout<hr_frame>.size)
  if hr_frame_wrap(&frame, HR_RGB24, 13, 7, pixels, pixels.count, nil) == HR_OK {
    _ = hr_session_set_frame(session, 0, &frame, nil)
  }
}

private func sendAndReceive(_ session: OpaquePointer?, _ model: UnsafePointer<hr_model>) {
  let bytes = hr_split_bytes(model)
  guard bytes > 0, bytes <= mostSessionBytes else { return }
  let capacity = Int(HR_PACKET_HEADER_BYTES) + 65535
  let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  let packet = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  defer {
    memory.deallocate()
    packet.deallocate()
  }
  var split: OpaquePointer?
  var packetBytes = 0
  var request = hr_split_request()
  request.struct_size = UInt32(MemoryLayout<hr_split_request>.size)
  guard hr_split_head_init(&split, memory, bytes, session, nil) == HR_OK,
    hr_split_pack(split, &request, packet, capacity, &packetBytes, nil, nil) == HR_OK,
    hr_split_tail_init(&split, memory, bytes, session, nil, nil) == HR_OK
      || hr_split_tail_init(&split, memory, bytes, session, model, nil) == HR_OK
  else { return }
  _ = hr_split_unpack(split, packet, packetBytes, nil, nil)
}

/// An `hr_parallel_for` in one thread, last part first: results must not depend on the order.
private func runInTurn(
  _: UnsafeMutableRawPointer?, _ count: UInt32, _ body: hr_parallel_body?,
  _ context: UnsafeMutableRawPointer?
) {
  for index in (0..<count).reversed() { body?(context, index) }
}
