// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

extension hr_payload_info {
  init(_ header: PayloadHeader) {
    self.init()
    type = header.type
    rank = UInt32(header.rank)
    withUnsafeMutableBytes(of: &dims) { raw in
      for axis in 0..<Int(HR_MAX_RANK) {
        raw.storeBytes(of: UInt32(header.dims[axis]), toByteOffset: 4 * axis, as: UInt32.self)
      }
    }
    scale = header.scale
    zero_point = header.zeroPoint
    rate = header.rate
    model_id = header.modelIdentity
  }
}

@c @implementation
public func hr_payload_bound(_ session: OpaquePointer?, _ output_index: UInt32) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    let model = try Session.at(session).pointee.model
    bytes = try Payload.bound(model.output(output_index).pointee)
  }
  return bytes
}

@c @implementation
public func hr_payload_pack(
  _ session: OpaquePointer?, _ output_index: UInt32, _ rate: UInt32,
  _ out: UnsafeMutablePointer<UInt8>?, _ capacity: Int, _ out_bytes: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let session = try Session.at(session)
    guard let out, let out_bytes, capacity >= 0 else {
      throw .invalidArgument("the payload's buffer or size is NULL")
    }
    out_bytes.pointee = 0
    out_bytes.pointee = try Payload.pack(
      session.pointee, session.pointee.model.output(output_index), rate: rate, to: out,
      capacity: capacity)
  }
}

@c @implementation
public func hr_payload_inspect(
  _ payload: UnsafePointer<UInt8>?, _ payload_bytes: Int,
  _ out: UnsafeMutablePointer<hr_payload_info>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    try hr_payload_info(PayloadHeader(payload, byteCount: payload_bytes)).write(to: out)
  }
}

@c @implementation
public func hr_payload_unpack(
  _ tail: OpaquePointer?, _ input_index: UInt32, _ payload: UnsafePointer<UInt8>?,
  _ payload_bytes: Int, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    let session = try Session.at(tail)
    try Payload.unpack(
      payload, byteCount: payload_bytes, into: session.pointee,
      session.pointee.model.input(input_index))
  }
}
