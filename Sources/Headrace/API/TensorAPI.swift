// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

extension hr_tensor {
  /// How a C caller sees a tensor of a verified model; `data` is nil where there is no session.
  init(
    _ record: UnsafePointer<hrm_tensor>, _ view: ModelView, data: UnsafeMutableRawPointer?
  ) {
    self.init()
    struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    type = hr_type(rawValue: UInt32(record.pointee.type))
    rank = UInt32(record.pointee.rank)
    dims = record.pointee.dims
    channels_first_source = UInt32(record.pointee.flags) & UInt32(HRM_CHANNELS_FIRST_SOURCE)
    source_rank = record.pointee.source_rank
    scale = record.pointee.scale
    zero_point = record.pointee.zero_point
    self.data = data
    bytes = Int(record.pointee.bytes)
    name = view.strings + Int(record.pointee.name)
  }
}

@c @implementation
public func hr_tensor_read_float(
  _ tensor: UnsafePointer<hr_tensor>?, _ out: UnsafeMutablePointer<Float>?, _ count: Int
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    guard let out else { throw .invalidArgument("the array is NULL") }
    let elements = try TensorElements(tensor, count: count)
    for index in 0..<count { out[index] = elements.real(index) }
  }
}

@c @implementation
public func hr_tensor_write_float(
  _ tensor: UnsafePointer<hr_tensor>?, _ values: UnsafePointer<Float>?, _ count: Int
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    guard let values else { throw .invalidArgument("the array is NULL") }
    try TensorElements(tensor, count: count).store(values, count: count)
  }
}
