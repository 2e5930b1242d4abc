// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_session_config_init(_ config: UnsafeMutablePointer<hr_session_config>?) {
  guard let config else { return }
  var defaults = hr_session_config()
  defaults.struct_size = UInt32(MemoryLayout<hr_session_config>.size)
  defaults.threads = 1
  config.initialize(to: defaults)
}

@c @implementation
public func hr_session_bytes(
  _ model: UnsafePointer<hr_model>?, _ config: UnsafePointer<hr_session_config>?
) -> Int {
  var bytes = 0
  _ = report(to: nil) { () throws(Failure) in
    let threads = try SessionConfiguration(config).threads
    bytes = Session.byteCount(try Model(model), threads: threads) ?? 0
  }
  return bytes
}

@c @implementation
public func hr_session_init(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeMutableRawPointer?,
  _ memory_bytes: Int, _ model: UnsafePointer<hr_model>?,
  _ config: UnsafePointer<hr_session_config>?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  initialize(out, error) { () throws(Failure) in
    UnsafeMutableRawPointer(
      try Session.initialize(
        CallerMemory(memory, memory_bytes), Model(model), SessionConfiguration(config)))
  }
}

@c @implementation
public func hr_session_input(
  _ session: OpaquePointer?, _ index: UInt32, _ out: UnsafeMutablePointer<hr_tensor>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let session = try Session.at(session)
    let tensor = try session.pointee.model.input(index)
    try hr_tensor(tensor, session.pointee.model.view, data: session.pointee.data(tensor))
      .write(to: out)
  }
}

@c @implementation
public func hr_session_output(
  _ session: OpaquePointer?, _ index: UInt32, _ out: UnsafeMutablePointer<hr_tensor>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let session = try Session.at(session)
    let tensor = try session.pointee.model.output(index)
    try hr_tensor(tensor, session.pointee.model.view, data: session.pointee.data(tensor))
      .write(to: out)
  }
}

@c @implementation
public func hr_session_run(
  _ session: OpaquePointer?, _ error: UnsafeMutablePointer<hr_error>?
) -> hr_status {
  report(to: error) { () throws(Failure) in try Session.run(Session.at(session)) }
}

@c @implementation
public func hr_session_profile(
  _ session: OpaquePointer?, _ operator_index: UInt32,
  _ out: UnsafeMutablePointer<hr_operator_profile>?
) -> hr_status {
  report(to: nil) { () throws(Failure) in
    let session = try Session.at(session)
    let view = session.pointee.model.view
    guard operator_index < view.header.pointee.operator_count else {
      throw .invalidArgument("there is no operator of this index")
    }
    let op = view[operator: Int(operator_index)]
    var profile = hr_operator_profile()
    profile.operator_index = operator_index
    let functions = session.pointee.model.operators.pointee.find(op.code)
    profile.operator_name = (functions?.name ?? "unknown").cString
    profile.output_name = view.strings + Int(op.output().pointee.name)
    profile.nanoseconds = session.pointee.profile[Int(operator_index)]
    profile.macs = op.record.pointee.macs
    try profile.write(to: out)
  }
}

@c @implementation
public func hr_session_kernels(_ session: OpaquePointer?) -> UnsafePointer<CChar>? {
  guard let session = try? Session.at(session) else {
    let none: StaticString = ""
    return none.cString
  }
  return session.pointee.kernels.pointee.name
}
