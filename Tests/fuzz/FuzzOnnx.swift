import CHeadrace
import Foundation

@testable import HeadraceCompiler

// libFuzzer calls this with bytes of its making. They are imported and optimized as an ONNX network; a
// small one is compiled to float32, calibrated, and compiled to int8 or int16x8. An error is a good
// answer; a trap, an absurd allocation, or a model that the runtime refuses as a whole is not.

private let mostElements = 1 << 14
private let mostMacs = 1 << 20

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOnnx(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Data(bytes: data ?? UnsafePointer(bitPattern: 1)!, count: data == nil ? 0 : size)
  do {
    var graph = try importONNX(bytes)
    try optimize(&graph)
    if graph.values.reduce(0, { $0 + $1.elementCount }) <= mostElements {
      try compile(graph, wide: size % 2 == 1)
    }
  } catch {
    let message = "\(error)"
    precondition(!message.contains("the runtime refuses the compiled model"), message)
  }
  return 0
}

private func compile(_ graph: Graph, wide: Bool) throws {
  guard !graph.isQuantized else {
    _ = try ModelWriter.write(Lowering.lower(graph, interface: .quantized))
    return
  }
  let float = try ModelWriter.write(Lowering.lower(graph, interface: .float32))
  guard float.lowered.operators.reduce(0, { $0 + $1.macs }) <= mostMacs else { return }
  var quantizer = Quantizer()
  quantizer.storage = wide ? .int16 : .int8
  let histograms = try quantizer.histograms(graph, float, Ramps())
  let quantized = try quantizer.quantize(graph, histograms)
  _ = try ModelWriter.write(Lowering.lower(quantized, interface: wide ? .float32 : .quantized))
}

/// Every input rises from -2 to 2.
private struct Ramps: CalibrationData {
  let count = 1

  func load(_ index: Int, into runner: ModelRunner) throws {
    for input in 0..<runner.inputCount {
      let count = try runner.input(input).elementCount
      try runner.write((0..<count).map { 4 * Float($0) / Float(count) - 2 }, to: input)
    }
  }
}
