import Foundation

/// A node of the source network: typed access to its attributes, and errors that name it.
struct OnnxNode {
  let proto: Onnx_NodeProto
  let opset: Int
  /// The node's own name, or one made from its operator and position.
  let name: String

  init(_ proto: Onnx_NodeProto, opset: Int, index: Int) {
    self.proto = proto
    self.opset = opset
    name = proto.name.isEmpty ? "\(proto.opType)_\(index)" : proto.name
  }

  var type: String { proto.opType }

  func error(_ message: String) -> CompilerError {
    CompilerError(message, at: "node \(name) (\(type), opset \(opset))")
  }

  func has(_ attribute: String) -> Bool { proto.attribute.contains { $0.name == attribute } }

  /// Whether the optional output at `index` has a name.
  func wantsOutput(_ index: Int) -> Bool {
    index < proto.output.count && !proto.output[index].isEmpty
  }

  private func attribute(
    _ name: String, _ type: Onnx_AttributeProto.AttributeType
  ) throws -> Onnx_AttributeProto? {
    guard let found = proto.attribute.first(where: { $0.name == name }) else { return nil }
    guard found.type == type || found.type == .undefined else {
      throw error("attribute \(name) has type \(found.type), not \(type)")
    }
    guard found.refAttrName.isEmpty else {
      throw error("attribute \(name) refers to a function's parameter; inline functions first")
    }
    return found
  }

  func int(_ name: String, default value: Int = 0) throws -> Int {
    try attribute(name, .int).map { Int($0.i) } ?? value
  }

  func flag(_ name: String, default value: Bool = false) throws -> Bool {
    try int(name, default: value ? 1 : 0) != 0
  }

  func ints(_ name: String) throws -> [Int]? {
    try attribute(name, .ints)?.ints.map { Int($0) }
  }

  func float(_ name: String, default value: Float) throws -> Float {
    try attribute(name, .float).map { $0.f } ?? value
  }

  func floats(_ name: String) throws -> [Float]? { try attribute(name, .floats)?.floats }

  func string(_ name: String, default value: String) throws -> String {
    guard let found = try attribute(name, .string) else { return value }
    guard let text = String(data: found.s, encoding: .utf8) else {
      throw error("attribute \(name) is not UTF-8 text")
    }
    return text
  }

  func tensor(_ name: String) throws -> Onnx_TensorProto? { try attribute(name, .tensor)?.t }

  /// `count` integers in `range`, or `fallback` for each if the attribute is absent.
  func window(
    _ name: String, count: Int, in range: ClosedRange<Int>, default fallback: Int
  ) throws -> [Int] {
    guard let values = try ints(name) else { return Array(repeating: fallback, count: count) }
    guard values.count == count, values.allSatisfy(range.contains) else {
      throw error(
        "attribute \(name) is \(values); expected \(count) integers in "
          + "\(range.lowerBound)...\(range.upperBound)")
    }
    return values
  }

  /// An axis counted from the front; negative ones count from the back.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    guard axis >= -rank, axis < rank else {
      throw error("axis \(axis) is outside a tensor of rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Distinct axes counted from the front.
  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank) }
    guard Set(result).count == result.count else { throw error("axes \(axes) repeat") }
    return result
  }
}
