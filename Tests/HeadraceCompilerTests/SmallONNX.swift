import Foundation

@testable import HeadraceCompiler

/// ONNX files of a few nodes, of values x to y, as exporters write them.
enum SmallONNX {
  static func node(_ type: String, _ inputs: [String], _ output: String) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output) = (type, inputs, [output])
    return node
  }

  /// The largest of 3 x 3 around.
  static func largest(_ input: String, _ output: String) -> Onnx_NodeProto {
    func ints(_ name: String, _ values: [Int64]) -> Onnx_AttributeProto {
      var attribute = Onnx_AttributeProto()
      attribute.name = name
      attribute.type = .ints
      attribute.ints = values
      return attribute
    }
    var pool = node("MaxPool", [input], output)
    pool.attribute = [ints("kernel_shape", [3, 3]), ints("pads", [1, 1, 1, 1])]
    return pool
  }

  /// The same from x, in int8 of the scale s and the zero point z.
  static func quantizedLargest(_ output: String) -> [Onnx_NodeProto] {
    [
      node("QuantizeLinear", ["x", "s", "z"], "a"),
      node("DequantizeLinear", ["a", "s", "z"], "b"), largest("b", "c"),
      node("QuantizeLinear", ["c", "s", "z"], "d"),
      node("DequantizeLinear", ["d", "s", "z"], output),
    ]
  }

  /// - Parameters:
  ///   - x: The input's shape, nil where it is open; y: the output's.
  ///   - quantization: scale s and zero point z; nil: nothing is quantized.
  static func file(
    _ nodes: [Onnx_NodeProto], x: [Int64?], y: [Int64?], quantization: (Float, Int32)?,
    metadata: [String: String]
  ) throws -> Data {
    func value(_ name: String, _ shape: [Int64?]) -> Onnx_ValueInfoProto {
      var value = Onnx_ValueInfoProto()
      value.name = name
      value.type.tensorType.elemType = 1
      value.type.tensorType.shape.dim = shape.map { extent in
        var dim = Onnx_TensorShapeProto.Dimension()
        if let extent { dim.dimValue = extent } else { dim.dimParam = "n" }
        return dim
      }
      return value
    }
    var opset = Onnx_OperatorSetIdProto()
    opset.version = 17
    var model = Onnx_ModelProto()
    model.opsetImport = [opset]
    model.graph.input = [value("x", x)]
    model.graph.output = [value("y", y)]
    model.graph.node = nodes
    if let quantization {
      var (scale, zero) = (Onnx_TensorProto(), Onnx_TensorProto())
      (scale.name, scale.dataType, scale.floatData) = ("s", 1, [quantization.0])
      (zero.name, zero.dataType, zero.int32Data) = ("z", 3, [quantization.1])
      model.graph.initializer = [scale, zero]
    }
    model.metadataProps = metadata.map { key, value in
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = (key, value)
      return entry
    }
    return try model.serializedData()
  }
}
