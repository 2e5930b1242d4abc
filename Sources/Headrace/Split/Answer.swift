import CHeadrace

/// A tail's answer to a packet, or why there is none.
enum Answer {
  private static var largestCount: Int { Int(HR_MAX_CLASSES) }

  /// Returns how many bytes it wrote.
  static func pack(
    _ answer: hr_answer, to out: UnsafeMutablePointer<UInt8>, capacity: Int
  ) throws(Failure) -> Int {
    let isRefusal = answer.status != HR_OK
    guard Int(clamping: answer.struct_size) >= MemoryLayout<hr_answer>.size else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the answer is too small", remedy: "set its struct_size to its sizeof")
    }
    guard answer.class_count <= UInt32(largestCount), answer.status.rawValue < 256 else {
      throw .invalidArgument("the answer has more than eight classes, or a status that is unknown")
    }
    var header = PacketHeader(
      isRefusal ? HR_PACKET_REFUSAL : HR_PACKET_ANSWER, model: answer.model_id,
      sequence: answer.sequence, captureTime: answer.capture_us)
    header.bodyBytes = isRefusal ? 1 : 4 + 4 * Int(answer.class_count)
    guard capacity >= header.packetBytes else {
      throw Failure(
        HR_BUFFER_TOO_SMALL, "the answer's buffer is too small",
        remedy: "HR_MAX_ANSWER_BYTES are enough", needed: UInt64(header.packetBytes),
        available: UInt64(max(0, capacity)))
    }
    let body = UnsafeMutableRawPointer(out + PacketHeader.byteCount)
    if isRefusal {
      body.storeBytes(of: UInt8(truncatingIfNeeded: answer.status.rawValue), as: UInt8.self)
    } else {
      body.storeBytes(of: answer.tail_us.littleEndian, as: UInt32.self)
      var answer = answer
      for place in 0..<Int(answer.class_count) {
        let (index, probability) = withClasses(of: &answer) {
          ($0[place].index, $0[place].probability)
        }
        guard index <= UInt32(UInt16.max) else {
          throw .invalidArgument("the answer has a class above 65,535")
        }
        // What is not a number fails both comparisons and becomes 0.
        let share = probability >= 1 ? 1 : probability > 0 ? probability : 0
        let word = index | UInt32(share * 65535 + 0.5) << 16
        body.storeBytes(of: word.littleEndian, toByteOffset: 4 + 4 * place, as: UInt32.self)
      }
    }
    header.seal(out)
    return header.packetBytes
  }

  static func unpack(_ packet: UnsafePointer<UInt8>?, byteCount: Int) throws(Failure) -> hr_answer {
    let header = try PacketHeader(packet, byteCount: byteCount)
    let isRefusal = header.kind == HR_PACKET_REFUSAL
    guard let packet, isRefusal || header.kind == HR_PACKET_ANSWER else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet holds no answer", remedy: "read latents with hr_split_unpack")
    }
    let classes = (header.bodyBytes - 4) / 4
    let body = UnsafeRawPointer(packet + PacketHeader.byteCount)
    guard
      isRefusal
        ? header.bodyBytes == 1 && body.load(as: UInt8.self) != 0
        : classes >= 0 && classes <= largestCount && header.bodyBytes == 4 + 4 * classes
    else { throw Failure(HR_BAD_PAYLOAD, "the answer makes no sense") }
    var answer = hr_answer()
    answer.model_id = header.model
    answer.sequence = header.sequence
    answer.capture_us = header.captureTime
    guard !isRefusal else {
      answer.status = hr_status(rawValue: UInt32(body.load(as: UInt8.self)))
      return answer
    }
    answer.tail_us = UInt32(littleEndian: body.loadUnaligned(as: UInt32.self))
    answer.class_count = UInt32(classes)
    for place in 0..<classes {
      let word = UInt32(
        littleEndian: body.loadUnaligned(fromByteOffset: 4 + 4 * place, as: UInt32.self))
      withClasses(of: &answer) {
        $0[place].index = word & 0xffff
        $0[place].probability = Float(word >> 16) / 65535
      }
    }
    return answer
  }

  /// The likeliest classes of a session's first output.
  static func rank(_ session: Session, most: Int, into answer: inout hr_answer) throws(Failure) {
    let output = try session.model.output(0)
    guard (1...largestCount).contains(most) else {
      throw Failure(HR_INVALID_ARGUMENT, "`most` is out of range", remedy: "ask for 1 to 8 classes")
    }
    guard output.pointee.isActivation,
      output.pointee.elementCount == output.pointee[dim: Int(output.pointee.rank) - 1]
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "output 0 holds more than a number for each class",
        remedy: "pass a tail's or an exit's session")
    }
    let elements = TensorElements(
      session.data(output), hr_type(rawValue: UInt32(output.pointee.type)),
      scale: output.pointee.scale, zeroPoint: output.pointee.zero_point)
    var found = 0
    for index in 0..<min(output.pointee.elementCount, 65536) {
      let probability = elements.real(index)
      var place = found
      withClasses(of: &answer) { classes in
        while place > 0, classes[place &- 1].probability < probability {
          if place < most { classes[place] = classes[place &- 1] }
          place &-= 1
        }
        if place < most {
          classes[place].index = UInt32(truncatingIfNeeded: index)
          classes[place].probability = probability
          found = min(most, found &+ 1)
        }
      }
    }
    answer.class_count = UInt32(found)
  }

  private static func withClasses<Result>(
    of answer: inout hr_answer, _ body: (UnsafeMutablePointer<hr_class>) -> Result
  ) -> Result {
    withUnsafeMutableBytes(of: &answer.classes) {
      body($0.baseAddress!.assumingMemoryBound(to: hr_class.self))
    }
  }
}
