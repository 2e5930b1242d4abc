import CHeadrace
import Foundation
import Headrace

@testable import HeadraceCompiler

/// The networks of Tests/golden/onnx and what ONNX Runtime computed from them.
struct OnnxCase: CustomStringConvertible {
  let name: String
  var description: String { name }

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("golden/onnx")

  static let all: [OnnxCase] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".onnx") }.sorted().map {
      OnnxCase(name: String($0.dropLast(".onnx".count)))
    }
  }()

  func bytes() throws -> Data {
    try Data(contentsOf: Self.folder.appendingPathComponent(name + ".onnx"))
  }

  func optimized() throws -> Graph {
    var graph = try importONNX(bytes())
    try optimize(&graph)
    return graph
  }

  /// Inputs ("in:...") and outputs ("out:...") by name, in the source network's layout.
  func tensors() throws -> [String: (shape: [Int], elements: [Float])] {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent(name + ".expected"))
    var result: [String: (shape: [Int], elements: [Float])] = [:]
    for tensor in try Onnx_GraphProto(serializedBytes: data).initializer {
      let decoded = try TensorDecoder(directory: nil).decode(tensor, at: tensor.name)
      guard case .float(let elements) = decoded.constant else { continue }
      result[tensor.name] = (decoded.shape, elements)
    }
    return result
  }
}

/// Compiles a graph and runs it on float arrays in the source network's layout.
func run(_ graph: Graph, _ inputs: [[Float]]) throws -> [(shape: [Int], elements: [Float])] {
  let compiled = try ModelWriter.write(Lowering.lower(graph, interface: .float32))
  let model = try LoadedModel(compiled.bytes)
  var config = hr_session_config()
  hr_session_config_init(&config)
  return try withUnsafePointer(to: model.model) { handle in
    let byteCount = hr_session_bytes(handle, &config)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { memory.deallocate() }
    var session: OpaquePointer?
    try RuntimeError.check {
      hr_session_init(&session, memory, byteCount, handle, &config, $0)
    }
    for (index, input) in inputs.enumerated() {
      var tensor = hr_tensor.sized
      hr_session_input(session, UInt32(index), &tensor)
      let target = tensor.data.assumingMemoryBound(to: Float.self)
      for (position, element) in zip(tensor.sourceOrder, input) { target[position] = element }
    }
    try RuntimeError.check { hr_session_run(session, $0) }
    return graph.outputs.indices.map { index in
      var tensor = hr_tensor.sized
      hr_session_output(session, UInt32(index), &tensor)
      let elements = tensor.data.assumingMemoryBound(to: Float.self)
      return (tensor.sourceShape, tensor.sourceOrder.map { elements[$0] })
    }
  }
}

extension hr_tensor {
  fileprivate static var sized: hr_tensor {
    var tensor = hr_tensor()
    tensor.struct_size = numericCast(MemoryLayout<hr_tensor>.size)
    return tensor
  }

  private var extents: [Int] {
    withUnsafeBytes(of: dims) { bytes in
      Array(bytes.bindMemory(to: UInt32.self).prefix(Int(rank))).map { Int($0) }
    }
  }

  /// For each stored axis of a tensor that its network had channels-first, the network's axis.
  private var order: [Int] { source_rank == 4 ? [0, 3, 1, 2] : [0, 3, 2] }

  var sourceShape: [Int] {
    channels_first_source != 0 ? order.map { extents[$0] } : extents
  }

  /// Where each element of the source network's order is stored.
  var sourceOrder: [Int] {
    let strides = ConstantEvaluation.rowMajorStrides(extents)
    let axes = channels_first_source != 0 ? order : Array(extents.indices)
    var result: [Int] = []
    ConstantEvaluation.forEachOffset(
      offset: 0, strides: axes.map { strides[$0] }, shape: axes.map { extents[$0] }
    ) { result.append($0) }
    return result
  }
}
