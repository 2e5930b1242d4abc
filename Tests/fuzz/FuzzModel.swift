import CHeadrace

// libFuzzer calls this with bytes of its making. They are opened as a model as they are and, so that
// checksums do not keep the fuzzer outside, once more with the right checksums. What opens is asked
// everything, and runs if it is small. All memory is allocated to the byte, for AddressSanitizer.

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

  for threads in [1, 3] as [UInt32] {
    var config = hr_session_config()
    config.struct_size = UInt32(MemoryLayout<hr_session_config>.size)
    hr_session_config_init(&config)
    config.threads = threads
    config.parallel = runInTurn
    let memoryBytes = hr_session_bytes(&model, &config)
    guard memoryBytes > 0, memoryBytes <= 1 << 20 else { return }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: memoryBytes, alignment: Int(HRM_ALIGNMENT))
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0xa5, count: memoryBytes)
    var session: OpaquePointer?
    guard hr_session_init(&session, memory, memoryBytes, &model, &config, nil) == HR_OK else {
      return
    }
    run(session)
  }
}

private func run(_ session: OpaquePointer?) {
  var pixels: [UInt8] = []
  for index in 0..<(13 * 7 * 3) { pixels.append(UInt8(truncatingIfNeeded: index &* 37)) }
  var frame = hr_frame()
  frame.struct_size = UInt32(MemoryLayout<hr_frame>.size)
  if hr_frame_wrap(&frame, HR_RGB24, 13, 7, pixels, pixels.count, nil) == HR_OK {
    _ = hr_session_set_frame(session, 0, &frame, nil)
  }
  guard hr_session_run(session, nil) == HR_OK else { return }
  let capacity = hr_payload_bound(session, 0)
  guard capacity > 0, capacity <= 1 << 20 else { return }
  let payload = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  defer { payload.deallocate() }
  var payloadBytes = 0
  guard hr_payload_pack(session, 0, 1, payload, capacity, &payloadBytes, nil) == HR_OK else {
    return
  }
  _ = hr_payload_unpack(session, 0, payload, payloadBytes, nil)
}

/// An `hr_parallel_for` in one thread, last part first: results must not depend on the order.
private func runInTurn(
  _: UnsafeMutableRawPointer?, _ count: UInt32, _ body: hr_parallel_body?,
  _ context: UnsafeMutableRawPointer?
) {
  for index in (0..<count).reversed() { body?(context, index) }
}
