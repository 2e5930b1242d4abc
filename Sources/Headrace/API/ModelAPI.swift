// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

extension hr_requirements {
  init(_ header: hrm_header) throws(Failure) {
    guard let layout = SessionLayout(header, threads: 1) else {
      throw Failure(
        HR_OUT_OF_MEMORY, "a session is larger than this CPU can address",
        remedy: "compile the model for smaller inputs")
    }
    self.init()
    input_count = header.input_count
    output_count = header.output_count
    operator_count = header.operator_count
    uses_float = header.flags & UInt32(HRM_USES_FLOAT)
    file_bytes = header.file_bytes
    weight_bytes = header.constants_bytes
    arena_bytes = header.arena_bytes
    session_bytes = UInt64(layout.byteCount)
    macs = header.macs
  }
}

@c @implementation
public func hr_model_requirements(
  _ first_bytes: UnsafeRawPointer?, _ byte_count: Int,
  _ out: UnsafeMutablePointer<hr_requirements>?,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let first_bytes, byte_count >= 0 else { throw .invalidArgument("the bytes are NULL") }
    let header = try Verifier.verifyHeader(first_bytes, byteCount: byte_count)
    try hr_requirements(header).write(to: out)
  }
}

@c @implementation
public func hr_model_open(
  _ out: UnsafeMutablePointer<hr_model>?, _ bytes: UnsafeRawPointer?, _ byte_count: Int,
  _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  hr_model_open_with(out, bytes, byte_count, hr_operators_all(), error)
}

@c @implementation
public func hr_model_open_with(
  _ out: UnsafeMutablePointer<hr_model>?, _ bytes: UnsafeRawPointer?, _ byte_count: Int,
  _ operators: UnsafePointer<hr_operators>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in
    guard let out else { throw .invalidArgument("the model is NULL") }
    out.initialize(to: hr_model())
    guard let bytes, byte_count >= 0 else { throw .invalidArgument("the bytes are NULL") }
    guard let operators else { throw .invalidArgument("the set of operators is NULL") }
    out.pointee = try Model(verifying: bytes, byteCount: byte_count, operators).handle
  }
}

@c @implementation
public func hr_model_get_requirements(
  _ model: UnsafePointer<hr_model>?, _ out: UnsafeMutablePointer<hr_requirements>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    try hr_requirements(Model(model).view.header.pointee).write(to: out)
  }
}

@c @implementation
public func hr_model_metadata(
  _ model: UnsafePointer<hr_model>?, _ key: UnsafePointer<CChar>?,
  _ value: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ value_bytes: UnsafeMutablePointer<Int>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let model = try Model(model)
    guard let key, let value, let value_bytes else { throw .invalidArgument("a NULL") }
    try write(model.metadata(key), to: value, value_bytes)
  }
}

@c @implementation
public func hr_model_label(
  _ model: UnsafePointer<hr_model>?, _ index: UInt32,
  _ label: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ label_bytes: UnsafeMutablePointer<Int>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let model = try Model(model)
    guard let label, let label_bytes else { throw .invalidArgument("a NULL") }
    try write(model.label(index), to: label, label_bytes)
  }
}

private func write(
  _ text: Text?, to start: UnsafeMutablePointer<UnsafePointer<CChar>?>,
  _ count: UnsafeMutablePointer<Int>
) throws(Failure) {
  start.pointee = text?.start
  count.pointee = text?.count ?? 0
  if text == nil { throw Failure(HR_NOT_FOUND, "the model has no such text") }
}

@c @implementation
public func hr_model_input(
  _ model: UnsafePointer<hr_model>?, _ index: UInt32, _ out: UnsafeMutablePointer<hr_tensor>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let model = try Model(model)
    try hr_tensor(model.input(index), model.view, data: nil).write(to: out)
  }
}

@c @implementation
public func hr_model_output(
  _ model: UnsafePointer<hr_model>?, _ index: UInt32, _ out: UnsafeMutablePointer<hr_tensor>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let model = try Model(model)
    try hr_tensor(model.output(index), model.view, data: nil).write(to: out)
  }
}
