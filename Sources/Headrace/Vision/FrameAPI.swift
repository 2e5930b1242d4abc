// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

@c @implementation
public func hr_frame_init(_ frame: UnsafeMutablePointer<hr_frame>?) {
  guard let frame else { return }
  frame.pointee = hr_frame()
  frame.pointee.struct_size = UInt32(MemoryLayout<hr_frame>.size)
}
