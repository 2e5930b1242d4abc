// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_split_bytes(_ head: UnsafePointer<hr_model>?) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    let model = try Model(head)
    bytes = try Split.byteCount(
      model.text("latent.head") == nil
        ? LatentDescription(head: model) : LatentDescription(tail: model))
  }
  return bytes
}

@c @implementation
public func hr_split_head_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ head: OpaquePointer?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  initialize(out, error) { () throws(Failure) in
    UnsafeMutableRawPointer(try Split.initialize(CallerMemory(memory, memory_bytes), head, nil))
  }
}

@c @implementation
public func hr_split_tail_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ tail: OpaquePointer?, _ head: UnsafePointer<hr_model>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  initialize(out, error) { () throws(Failure) in
    let latent: LatentDescription
    if let head {
      latent = try LatentDescription(head: Model(head))
    } else {
      latent = try LatentDescription(tail: Session.at(tail).pointee.model)
    }
    return UnsafeMutableRawPointer(
      try Split.initialize(CallerMemory(memory, memory_bytes), tail, latent))
  }
}

@c @implementation
public func hr_split_rates(_ split: OpaquePointer?) -> UInt32 {
  var rates: UInt32 = 0
  _ = report(to: nil) { () throws(Failure) in
    rates = UInt32(try Split.at(split).pointee.latent.rates)
  }
  return rates
}

@c @implementation
public func hr_split_model_id(_ split: OpaquePointer?) -> UInt32 {
  var identity: UInt32 = 0
  _ = report(to: nil) { () throws(Failure) in
    identity = try Split.at(split).pointee.latent.identity
  }
  return identity
}

@c @implementation
public func hr_split_pack(
  _ head: OpaquePointer?, _ request: UnsafePointer<hr_split_request>?,
  _ out: UnsafeMutablePointer<UInt8>?, _ capacity: Int, _ out_bytes: UnsafeMutablePointer<Int>?,
  _ result: UnsafeMutablePointer<hr_split_result>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let split = try Split.at(head, isHead: true)
    guard let request,
      Int(clamping: request.pointee.struct_size) >= MemoryLayout<hr_split_request>.size
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the request is NULL or too small",
        remedy: "set its struct_size to its sizeof")
    }
    guard let out, let out_bytes, capacity >= 0 else {
      throw .invalidArgument("the packet's buffer or size is NULL")
    }
    out_bytes.pointee = 0
    let packed = try split.pointee.pack(request.pointee, to: out, capacity: capacity)
    if let result { try packed.write(to: result) }
    out_bytes.pointee = Int(packed.packet_bytes)
  }
}

@c @implementation
public func hr_split_unpack(
  _ tail: OpaquePointer?, _ packet: UnsafePointer<UInt8>?, _ packet_bytes: Int,
  _ info: UnsafeMutablePointer<hr_packet_info>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let header = try Split.at(tail, isHead: false).pointee.unpack(packet, byteCount: packet_bytes)
    if let info { try hr_packet_info(header).write(to: info) }
  }
}

@c @implementation
public func hr_split_share(
  _ head: OpaquePointer?, _ rate: UInt32, _ other: OpaquePointer?, _ input_index: UInt32,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    try Split.at(head, isHead: true).pointee.share(
      rate: rate, with: Session.at(other).pointee, input: input_index)
  }
}
