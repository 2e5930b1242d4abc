import Foundation
import Testing

@testable import HeadraceCompiler

/// Files that are broken, hostile, or beyond what the importer takes: an error, never a trap.
@Suite struct ImportErrorTests {
  private static func floats(_ name: String, _ dims: [Int64], count: Int = 0) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dims = dims
    tensor.dataType = Int32(Onnx_TensorProto.DataType.float.rawValue)
    tensor.floatData = Array(repeating: 1, count: count)
    return tensor
  }

  private static func integers(_ name: String, _ elements: [Int64]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dims = [Int64(elements.count)]
    tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
    tensor.int64Data = elements
    return tensor
  }

  private static func node(
    _ type: String, _ inputs: [String], _ outputs: [String] = ["y"],
    _ attributes: [Onnx_AttributeProto] = []
  ) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    node.opType = type
    node.name = "n"
    node.input = inputs
    node.output = outputs
    node.attribute = attributes
    return node
  }

  private static func ints(_ name: String, _ values: [Int64]) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = values
    return attribute
  }

  private static func int(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .int
    attribute.i = value
    return attribute
  }

  private static func network(
    _ nodes: [Onnx_NodeProto], constants: [Onnx_TensorProto] = [], shape: [Int64?] = [1, 2, 4, 4],
    opset: Int64 = 17, outputs: [String] = ["y"]
  ) throws -> Data {
    var model = Onnx_ModelProto()
    var version = Onnx_OperatorSetIdProto()
    version.version = opset
    model.opsetImport = [version]
    var input = Onnx_ValueInfoProto()
    input.name = "x"
    input.type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
    input.type.tensorType.shape.dim = shape.map { extent in
      var dim = Onnx_TensorShapeProto.Dimension()
      if let extent { dim.dimValue = extent } else { dim.dimParam = "n" }
      return dim
    }
    model.graph.input = [input]
    model.graph.initializer = constants
    model.graph.node = nodes
    model.graph.output = outputs.map { name in
      var output = Onnx_ValueInfoProto()
      output.name = name
      return output
    }
    return try model.serializedData()
  }

  private func message(_ data: Data, shapes: [String: [Int]] = [:]) -> String {
    do {
      var graph = try importONNX(data, shapes: shapes)
      try optimize(&graph)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func anUnsupportedOperatorIsNamedWithNodeAndOpset() throws {
    let message = message(try Self.network([Self.node("Loop", ["x"])]))
    #expect(message.contains("n (Loop, opset 17)") && message.contains("not supported"))
  }

  @Test func anOldOperatorSetSaysHowToConvert() throws {
    let message = message(try Self.network([Self.node("Relu", ["x"])], opset: 9))
    #expect(message.contains("opset 9") && message.contains("version_converter"))
  }

  @Test func anOpenExtentAsksForAShapeAndTakesIt() throws {
    let open = try Self.network([Self.node("Relu", ["x"])], shape: [nil, 2, nil, 4])
    #expect(message(open).contains("--shape x="))
    #expect(message(open, shapes: ["x": [1, 2, 3, 4]]) == "")
    #expect(message(open, shapes: ["z": [1]]).contains("the inputs are x"))
    let batch = try Self.network([Self.node("Relu", ["x"])], shape: [nil, 2])
    #expect(try importONNX(batch).values[0].shape == [1, 2])
  }

  @Test(
    arguments: [
      ("cycle", [node("Relu", ["y"], ["z"]), node("Relu", ["z"])], "computed nowhere before"),
      ("missing", [node("Relu", ["nothing"])], "'nothing'"),
      ("twice", [node("Relu", ["x"]), node("Neg", ["x"])], "two nodes"),
      ("absent", [node("Add", ["x"])], "input 1 is missing"),
      ("shapes", [node("Add", ["x", "w"])], "do not broadcast"),
      ("kernel", [node("MaxPool", ["x"], ["y"], [ints("kernel_shape", [9, 9])])], "does not fit"),
      (
        "stride",
        [
          node(
            "MaxPool", ["x"], ["y"],
            [
              ints("kernel_shape", [1, 1]),
              ints("strides", [0, 1]),
            ])
        ], "strides"
      ),
      (
        "huge kernel", [node("MaxPool", ["x"], ["y"], [ints("kernel_shape", [1 << 62, 1])])],
        "kernel_shape"
      ),
      ("axis", [node("Transpose", ["x"], ["y"], [ints("perm", [0, 0, 1, 2])])], "no permutation"),
      ("type", [node("Flatten", ["x"], ["y"], [ints("axis", [1])])], "has type"),
      ("outputs", [node("Relu", ["x"], [])], "no output"),
    ] as [(String, [Onnx_NodeProto], String)])
  func aMalformedGraphIsRefused(_ name: String, _ nodes: [Onnx_NodeProto], _ part: String) throws {
    let data = try Self.network(nodes, constants: [Self.floats("w", [3], count: 3)])
    #expect(message(data).contains(part), "\(name): \(message(data))")
  }

  @Test(arguments: [
    floats("w", [1 << 40, 1 << 40]), floats("w", [-1, 4]), floats("w", [2, 2], count: 3),
    floats("w", [1, 1, 1, 1, 1, 1, 1], count: 1), floats("w", [Int64.min]),
  ])
  func anAbsurdInitializerIsRefused(_ tensor: Onnx_TensorProto) throws {
    let data = try Self.network([Self.node("Relu", ["x"])], constants: [tensor])
    #expect(message(data).contains("initializer w"))
  }

  @Test(arguments: [
    ("ConstantOfShape", [Int64(1) << 31, 1 << 31]), ("ConstantOfShape", [1 << 30]),
    ("ConstantOfShape", [-1]), ("ConstantOfShape", [Int64.min, 2]),
  ])
  func aHugeComputedConstantIsRefusedBeforeItIsAllocated(_ type: String, _ shape: [Int64]) throws {
    let data = try Self.network(
      [Self.node(type, ["s"], ["c"]), Self.node("Relu", ["c"])],
      constants: [Self.integers("s", shape)])
    #expect(message(data).contains("n (ConstantOfShape"))
  }

  @Test func aNetworkWhoseInputsAreAllInitializersIsRefused() throws {
    var model = try Onnx_ModelProto(
      serializedBytes: Self.network(
        [Self.node("Conv", ["x", "w"])],
        constants: [
          Self.floats("x", [1, 1, 3, 3], count: 9), Self.floats("w", [1, 1, 3, 3], count: 9),
        ]))
    #expect(message(try model.serializedData()).contains("no inputs"))
    model.graph.input = []
    #expect(message(try model.serializedData()).contains("no inputs"))
  }

  @Test(arguments: [
    node("InstanceNormalization", ["none", "each", "each"], ["z"]),
    node("GroupNormalization", ["none", "each", "each"], ["z"], [int("num_groups", 2)]),
  ])
  func aNormalizationWithoutChannelsIsRefused(_ normalization: Onnx_NodeProto) throws {
    let data = try Self.network(
      [normalization, Self.node("Relu", ["x"])],
      constants: [Self.floats("none", [1, 0, 3]), Self.floats("each", [0])], opset: 21)
    #expect(message(data).contains("[1, 0, 3] has no channels"))
  }

  /// A record counts its operands in 16 bits.
  @Test(arguments: [(65_535, ""), (65_536, "n: has 65536 operands"), (70_000, "in steps")])
  func aConcatenationTakesAsManyOperandsAsARecordCounts(_ count: Int, _ part: String) throws {
    var graph = try importONNX(
      Self.network(
        [Self.node("Concat", Array(repeating: "x", count: count), ["y"], [Self.int("axis", 1)])],
        shape: [1, 1]))
    try optimize(&graph)
    do {
      let bytes = try Compilation(graph, source: "test", CompileOptions()).bytes
      #expect(part == "")
      #expect(try ModelDescription(bytes).outputs[0].shape == [1, count])
    } catch let error as CompilerError {
      #expect(part != "" && "\(error)".contains(part), "\(error)")
    }
  }

  @Test func aHugeExpansionIsRefused() throws {
    let data = try Self.network(
      [Self.node("Expand", ["x", "s"])],
      constants: [Self.integers("s", [1 << 10, 1 << 10, 1 << 5, 2, 4, 4])])
    #expect(message(data).contains("Expand"))
  }

  @Test(arguments: ["../secret", "/etc/passwd", "a/../../b", "", "a//b", "./a"])
  func externalDataOutsideTheFolderIsRefused(_ path: String) throws {
    var tensor = Self.floats("w", [1])
    tensor.dataLocation = .external
    var entry = Onnx_StringStringEntryProto()
    entry.key = "location"
    entry.value = path
    tensor.externalData = [entry]
    let data = try Self.network([Self.node("Relu", ["x"])], constants: [tensor])
    #expect(throws: CompilerError.self) {
      try importONNX(data, directory: FileManager.default.temporaryDirectory)
    }
    #expect(message(data).contains("another file"))
  }

  @Test func externalDataBesideTheNetworkAreRead() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("headrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data([0, 0, 0, 0, 0, 0, 0x80, 0x3f]).write(to: folder.appendingPathComponent("w.bin"))
    var tensor = Self.floats("w", [1])
    tensor.dataLocation = .external
    tensor.externalData = [("location", "w.bin"), ("offset", "4"), ("length", "4")].map {
      var entry = Onnx_StringStringEntryProto()
      entry.key = $0.0
      entry.value = $0.1
      return entry
    }
    let data = try Self.network([Self.node("Add", ["x", "w"])], constants: [tensor])
    let graph = try importONNX(data, directory: folder)
    #expect(graph.values.contains { $0.constant == .float([1]) })
    tensor.externalData[2].value = "8"
    let long = try Self.network([Self.node("Add", ["x", "w"])], constants: [tensor])
    #expect(throws: CompilerError.self) { try importONNX(long, directory: folder) }
  }

  @Test(arguments: ["conv_same_upper", "slice_steps", "resize_fraction", "qdq_uint8", "attention"])
  func everyTruncatedOrAlteredFileIsAnErrorOrANetwork(_ name: String) throws {
    let whole = try OnnxCase(name: name).bytes()
    for length in stride(from: 0, to: whole.count, by: 3) { _ = message(whole.prefix(length)) }
    let changes: [UInt8] = [0x01, 0x80, 0xff]
    for position in 0..<whole.count {
      var altered = whole
      altered[position] ^= changes[position % 3]
      _ = message(altered)
    }
    #expect(message(whole) == "")
  }
}
