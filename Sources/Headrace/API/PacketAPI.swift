// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

extension hr_packet_info {
  init(_ header: PacketHeader) {
    self.init()
    kind = header.kind
    model_id = header.model
    sequence = header.sequence
    capture_us = header.captureTime
    layers = UInt32(header.layers)
    precision = header.precision
    body_bytes = UInt32(header.bodyBytes)
  }
}

@c @implementation
public func hr_packet_inspect(
  _ packet: UnsafePointer<UInt8>?, _ packet_bytes: Int,
  _ out: UnsafeMutablePointer<hr_packet_info>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    try hr_packet_info(PacketHeader(packet, byteCount: packet_bytes)).write(to: out)
  }
}

@c @implementation
public func hr_packet_length(
  _ first_bytes: UnsafePointer<UInt8>?, _ out_bytes: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let first_bytes, let out_bytes else {
      throw .invalidArgument("the packet or the place for its length is NULL")
    }
    out_bytes.pointee = 0
    out_bytes.pointee = try PacketHeader(first_bytes).packetBytes
  }
}

@c @implementation
public func hr_packet_cut(
  _ packet: UnsafeMutablePointer<UInt8>?, _ packet_bytes: UnsafeMutablePointer<Int>?,
  _ layers: UInt32, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let packet, let packet_bytes else {
      throw .invalidArgument("the packet or its length is NULL")
    }
    let header = try PacketHeader(packet, byteCount: packet_bytes.pointee)
    let parts = try PacketLayers(packet, header)
    guard layers < UInt32(parts.count) else { return }
    packet_bytes.pointee = parts.cut(packet, header, to: Int(layers))
  }
}

@c @implementation
public func hr_answer_from_session(
  _ answer: UnsafeMutablePointer<hr_answer>?, _ session: OpaquePointer?, _ most: UInt32,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let answer else { throw .invalidArgument("the answer is NULL") }
    try Answer.rank(
      Session.at(session).pointee, most: Int(min(most, 99)), into: &answer.pointee)
  }
}

@c @implementation
public func hr_answer_pack(
  _ answer: UnsafePointer<hr_answer>?, _ out: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ out_bytes: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let answer, let out, let out_bytes else {
      throw .invalidArgument("the answer, its buffer or size is NULL")
    }
    out_bytes.pointee = 0
    out_bytes.pointee = try Answer.pack(answer.pointee, to: out, capacity: capacity)
  }
}

@c @implementation
public func hr_answer_unpack(
  _ packet: UnsafePointer<UInt8>?, _ packet_bytes: Int, _ out: UnsafeMutablePointer<hr_answer>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    try Answer.unpack(packet, byteCount: packet_bytes).write(to: out)
  }
}
