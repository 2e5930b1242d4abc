import Foundation
import SwiftProtobuf

/// Reads an ONNX network, opset 11 or later, into a graph whose shapes are all known.
///
/// Whatever depends only on constants and shapes is computed here. The graph is in ONNX's layout
/// (channels first); `optimize` gives it ours.
///
/// - Parameters:
///   - bytes: A serialized `ModelProto`. Nothing about it is trusted.
///   - shapes: The shapes of inputs by name; needed where the network leaves extents open, except for
///     the first one (the batch), which is 1 unless stated.
///   - directory: Where files of external data lie; nil to refuse them.
/// - Throws: `CompilerError` that names the node, what is wrong and, where there is one, a remedy.
public func importONNX(
  _ bytes: Data, shapes: [String: [Int]] = [:], directory: URL? = nil
) throws -> Graph {
  let model: Onnx_ModelProto
  do {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    model = try Onnx_ModelProto(serializedBytes: bytes, options: options)
  } catch {
    throw CompilerError("not a complete ONNX file: the protobuf message cannot be decoded")
  }
  var importer = Importer(
    opset: try defaultOpset(of: model), decoder: TensorDecoder(directory: directory))
  return try importer.run(model, shapes: shapes)
}

public func importONNX(
  _ bytes: [UInt8], shapes: [String: [Int]] = [:], directory: URL? = nil
) throws -> Graph {
  try importONNX(Data(bytes), shapes: shapes, directory: directory)
}

/// The version of ONNX's own operators that the network was written for.
private func defaultOpset(of model: Onnx_ModelProto) throws -> Int {
  guard model.hasGraph else { throw CompilerError("the file holds no ONNX graph") }
  let versions = model.opsetImport.filter { isDefaultDomain($0.domain) }.map { Int($0.version) }
  guard let opset = versions.max() else {
    throw CompilerError("the network does not state its operator set (opset_import)")
  }
  guard opset >= 11 else {
    throw CompilerError(
      "opset \(opset) is too old; convert the network with onnx.version_converter to 11 or later")
  }
  guard opset <= 1000 else { throw CompilerError("opset \(opset) does not exist") }
  return opset
}

func isDefaultDomain(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }

extension Importer {
  mutating func run(_ model: Onnx_ModelProto, shapes: [String: [Int]]) throws -> Graph {
    let source = model.graph
    guard source.node.count <= Limits.nodes else {
      throw CompilerError("\(source.node.count) nodes; the limit is \(Limits.nodes)")
    }
    guard source.sparseInitializer.isEmpty else {
      throw CompilerError("sparse initializers are not supported; store them dense")
    }
    graph.name = source.name
    for tensor in source.initializer {
      let decoded = try decoder.decode(tensor, at: "initializer \(tensor.name)")
      try define(
        tensor.name,
        addConstant(decoded.constant, shape: decoded.shape, name: tensor.name, type: decoded.type))
    }
    try importInputs(source, shapes: shapes)
    for (index, proto) in source.node.enumerated() {
      let node = OnnxNode(proto, opset: opset, index: index)
      guard isDefaultDomain(proto.domain) else {
        throw node.error(
          "operators of domain \(proto.domain) are not supported; export with ONNX operators only")
      }
      guard let build = Importer.operators[proto.opType] else {
        throw node.error(
          "operator \(proto.opType) is not supported; replace it in the network or cut the network "
            + "before it")
      }
      try build(&self, node)
    }
    try importOutputs(source, shapesAreStated: shapes.isEmpty)
    try importMetadata(model)
    return graph
  }

  private mutating func importInputs(
    _ source: Onnx_GraphProto, shapes: [String: [Int]]
  ) throws {
    for name in shapes.keys where !source.input.contains(where: { $0.name == name }) {
      let known = source.input.map(\.name).joined(separator: ", ")
      throw CompilerError("a shape is given for '\(name)', but the inputs are \(known)")
    }
    for input in source.input where names[input.name] == nil {
      let location = "input \(input.name)"
      guard input.type.tensorType.hasElemType,
        let type = Onnx_TensorProto.DataType(rawValue: Int(input.type.tensorType.elemType))
      else { throw CompilerError("only tensors can be inputs", at: location) }
      guard [.float, .float16, .bfloat16, .double, .int8, .uint8, .int16].contains(type) else {
        throw CompilerError(
          "inputs of type \(type) are not supported; make it floating-point or a constant",
          at: location)
      }
      let shape = try shapes[input.name] ?? staticShape(of: input, at: location)
      guard shape.count <= Limits.rank, shape.allSatisfy({ $0 > 0 }),
        Limits.elementCount(shape) != nil
      else {
        throw CompilerError(
          "shape \(shape) is not usable: extents must be positive, at most \(Limits.rank) of them "
            + "and \(Limits.elements) elements", at: location)
      }
      let value = graph.add(Value(name: input.name, shape: shape))
      types[value] = [.int8, .uint8, .int16].contains(type) ? type : .float
      try define(input.name, value)
      graph.inputs.append(value)
    }
    guard !graph.inputs.isEmpty else {
      throw CompilerError(
        "the network has no inputs beside its initializers; export it with those that are given later"
      )
    }
  }

  private mutating func staticShape(
    of input: Onnx_ValueInfoProto, at location: String
  ) throws -> [Int] {
    guard input.type.tensorType.hasShape else {
      throw CompilerError(
        "the network does not state its shape; give one: --shape \(input.name)=...", at: location)
    }
    return try Self.stated(input).enumerated().map { axis, stated in
      if let stated { return stated }
      guard axis == 0 else {
        let name = input.type.tensorType.shape.dim[axis].dimParam
        throw CompilerError(
          "extent \(axis)\(name.isEmpty ? "" : " (\(name))") is open; give a "
            + "shape: --shape \(input.name)=...", at: location)
      }
      graph.notes.append(
        "\(location): the first extent is open and taken as 1; --shape \(input.name)=... says otherwise"
      )
      return 1
    }
  }

  /// The extents that a network states, nil where they are open.
  private static func stated(_ value: Onnx_ValueInfoProto) -> [Int?] {
    value.type.tensorType.shape.dim.map { extent in
      if case .dimValue(let value)? = extent.value { Int(value) } else { nil }
    }
  }

  /// Notes that an output has another shape than the network states, which whoever reads it may rely on.
  private mutating func compareShape(of output: Onnx_ValueInfoProto, _ value: Graph.ValueID) {
    guard output.type.tensorType.hasShape else { return }
    let (stated, shape) = (Self.stated(output), graph.values[value].shape)
    guard
      stated.count != shape.count || zip(stated, shape).contains(where: { $0 != nil && $0 != $1 })
    else { return }
    func text(_ extents: [Int?]) -> String {
      extents.isEmpty
        ? "no extents" : extents.map { $0.map(String.init) ?? "?" }.joined(separator: "x")
    }
    graph.notes.append(
      "output \(output.name): its shape is \(text(shape)), where the network states \(text(stated))"
    )
  }

  private mutating func importOutputs(
    _ source: Onnx_GraphProto, shapesAreStated: Bool
  ) throws {
    guard !source.output.isEmpty else { throw CompilerError("the network has no outputs") }
    var seen: Set<String> = []
    for output in source.output {
      let location = "output \(output.name)"
      guard var value = names[output.name] else {
        throw CompilerError("no node computes it", at: location)
      }
      guard graph.values[value].constant == nil else {
        throw CompilerError("it does not depend on the inputs; remove it", at: location)
      }
      guard seen.insert(output.name).inserted else {
        throw CompilerError("it is listed twice", at: location)
      }
      if graph.inputs.contains(value) || graph.outputs.contains(value) {
        let copy = graph.add(Value(name: output.name, shape: graph.values[value].shape))
        graph.values[copy].quantization = graph.values[value].quantization
        types[copy] = types[value]
        graph.nodes.append(
          Node(name: output.name, .reshape, inputs: [value], outputs: [copy]))
        value = copy
      }
      try requireMeaning(value, at: location)
      if shapesAreStated { compareShape(of: output, value) }
      graph.values[value].name = output.name
      graph.outputs.append(value)
    }
    for input in graph.inputs { try requireMeaning(input, at: "input \(graph.values[input].name)") }
  }

  /// An integer tensor means something only through the QuantizeLinear or DequantizeLinear at it.
  private func requireMeaning(_ value: Graph.ValueID, at location: String) throws {
    guard types[value] == .float || graph.values[value].quantization != nil else {
      throw CompilerError(
        "it is an integer tensor without a DequantizeLinear that says what it means", at: location)
    }
  }

  /// `headrace.name`, `.licence`, `.labels`, `.microphones` and `.loudness` go into the model; `.color`, `.mean`,
  /// `.std` and `.resize` describe how a picture becomes the first input, and every other one of its shape. A
  /// head's `.latent.layers`, `.latent.rates` and `.latent.prior` say how its first output is sent.
  private mutating func importMetadata(_ model: Onnx_ModelProto) throws {
    var properties: [String: String] = [:]
    for entry in model.metadataProps where entry.key.hasPrefix("headrace.") {
      properties[String(entry.key.dropFirst("headrace.".count))] = entry.value
    }
    graph.metadata["name"] = graph.name
    for key in ["name", "licence", "labels", "microphones", "loudness"] {
      if let text = properties[key] { graph.metadata[key] = text }
    }
    let layers = try properties[LatentLayers.key].map { try LatentLayers($0) }
    graph.metadata[LatentLayers.key] = layers?.text
    if let text = properties[LatentRates.key] {
      graph.metadata[LatentRates.key] =
        try LatentRates(text, layerCount: layers?.counts.count ?? 1).text
    }
    if let text = properties[LatentPrior.key] {
      graph.metadata[LatentPrior.key] = try LatentPrior(text).text
    }
    guard let picture = try PictureInput(properties: properties) else { return }
    for (index, input) in graph.inputs.enumerated()
    where shape(input) == graph.inputs.first.map(shape) {
      graph.pictures[index] = picture
    }
  }
}

extension PictureInput {
  /// From the texts of `headrace.color` (rgb, bgr, gray), `.mean` and `.std` (numbers between commas) and
  /// `.resize` (crop, letterbox, stretch); nil if none of them is there.
  init?(properties: [String: String]) throws {
    guard ["color", "mean", "std", "resize"].contains(where: { properties[$0] != nil }) else {
      return nil
    }
    func fail(_ key: String, _ expected: String) -> CompilerError {
      CompilerError(
        "headrace.\(key) is '\(properties[key] ?? "")'; expected \(expected)", at: "metadata_props")
    }
    guard let color = Color(rawValue: properties["color"] ?? "rgb") else {
      throw fail("color", "rgb, bgr or gray")
    }
    guard let fit = Fit(rawValue: properties["resize"] ?? "crop") else {
      throw fail("resize", "crop, letterbox or stretch")
    }
    let channels = color == .gray ? 1 : 3
    func numbers(_ key: String, default value: Double) throws -> [Double] {
      guard let text = properties[key] else { return Array(repeating: value, count: channels) }
      let values = text.split(separator: ",", omittingEmptySubsequences: false).map {
        Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan
      }
      guard values.count == channels, values.allSatisfy(\.isFinite) else {
        throw fail(key, "\(channels) numbers between commas")
      }
      return values
    }
    let mean = try numbers("mean", default: 0)
    let deviation = try numbers("std", default: 1)
    guard deviation.allSatisfy({ $0 > 0 }) else { throw fail("std", "positive numbers") }
    self.init(color: color, fit: fit, mean: mean, deviation: deviation)
  }
}
