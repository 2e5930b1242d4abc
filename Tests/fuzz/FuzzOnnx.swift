import Foundation
import HeadraceCompiler

// libFuzzer calls this with bytes of its making. They are imported and optimized as an ONNX network;
// an error is a good answer, a trap or an absurd allocation is not.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOnnx(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Data(bytes: data ?? UnsafePointer(bitPattern: 1)!, count: data == nil ? 0 : size)
  do {
    var graph = try importONNX(bytes)
    try optimize(&graph)
  } catch {
    _ = "\(error)"
  }
  return 0
}
