import CHeadrace
import Foundation
import Testing

@testable import HeadraceCompiler

/// Whole networks, from graph to what the runtime computes, against double precision.
@Suite struct LowerEndToEndTests {
  /// Convolutions, a depthwise one, pooling, a concatenation, a residual sum, a classifier.
  static func network() -> Graph {
    var random = LinearCongruential(state: 11)
    var net = LowerNetwork(input: [1, 12, 10, 3])
    let a = net.convolution(net.input, 16, 3, stride: 2, clamp: .relu, &random)
    let b = net.convolution(a, 16, 3, groups: 16, clamp: .relu6, &random)
    let c = net.convolution(b, 16, 1, &random)
    let sum = net.add(.binary(.add, clamp: .relu), [a, c], [1, 6, 5, 16])
    let wide = net.add(.concat(axis: 3), [sum, b], [1, 6, 5, 32])
    var pool = Pool(.max, kernel: [2, 2])
    pool.strides = [2, 2]
    let small = net.add(.pool(pool), [wide], [1, 3, 2, 32])
    let gate = net.add(.unary(.sigmoid), [small], [1, 3, 2, 32])
    let gated = net.add(.binary(.mul, clamp: nil), [small, gate], [1, 3, 2, 32])
    let mean = net.add(.reduce(.mean, axes: [1, 2]), [gated], [1, 1, 1, 32])
    let flat = net.add(.reshape, [mean], [1, 32])
    let w = net.constant(random.reals(5 * 32, around: 0.6), [5, 32])
    let d = net.constant(random.reals(5, around: 0.3), [5])
    let logits = net.add(.dense(clamp: nil), [flat, w, d], [1, 5])
    net.graph.outputs = [logits]
    return net.graph
  }

  static func samples(_ count: Int, of size: Int) -> [[Float]] {
    var random = LinearCongruential(state: 5)
    return (0..<count).map { _ in random.reals(size, around: 1) }
  }

  @Test func aFloatModelMatchesDoublePrecision() throws {
    let graph = Self.network()
    let runner = try ModelRunner(ModelWriter.write(Lowering.lower(graph)).bytes)
    let sample = Self.samples(1, of: 360)[0]
    try runner.write(sample, to: 0)
    try runner.run()
    let found = try runner.output(0).reals()
    let expected = LowerReference.run(graph, sample)[graph.outputs[0]]!
    let largest = expected.map { abs($0) }.max()!
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-5 * largest) }
  }

  struct Memory: CalibrationData {
    let samples: [[Float]]
    var count: Int { samples.count }
    func load(_ index: Int, into runner: ModelRunner) throws {
      try runner.write(samples[index], to: 0)
    }
  }

  private func quantized(
    _ graph: Graph, _ storage: Quantization.Storage, _ method: RangeMethod = .minimumMaximum,
    floatNodes: Set<String> = []
  ) throws -> (float: CompiledModel, quantized: CompiledModel, noise: NoiseReport) {
    let data = Memory(
      samples: Self.samples(8, of: graph.values[graph.inputs[0]].elementCount))
    let float = try ModelWriter.write(Lowering.lower(graph))
    var quantizer = Quantizer()
    quantizer.storage = storage
    quantizer.method = method
    quantizer.floatNodes = floatNodes
    let result = try quantizer.quantize(graph, quantizer.histograms(graph, float, data))
    let compiled = try ModelWriter.write(Lowering.lower(result))
    let noise = try NoiseReport(
      float: float, quantized: compiled, outputs: graph.outputs, data)
    return (float, compiled, noise)
  }

  @Test(arguments: [
    RangeMethod.minimumMaximum, .percentile(99.99), .meanSquaredError,
  ])
  func anInt8NetworkStaysCloseToFloat(method: RangeMethod) throws {
    let result = try quantized(Self.network(), .int8, method)
    #expect(result.noise.outputRatio > 25)
    #expect(result.noise.entries.allSatisfy { $0.ratio > 20 })
    #expect(!result.quantized.lowered.usesFloat)
    #expect(result.quantized.lowered.notes.isEmpty)
  }

  @Test func sixteenBitActivationsAreMuchCloser() throws {
    let graph = Self.network()
    let eight = try quantized(graph, .int8).noise.outputRatio
    let result = try quantized(graph, .int16)
    #expect(result.noise.outputRatio > eight + 3)
    #expect(result.noise.outputRatio > 35)
    #expect(!result.quantized.lowered.usesFloat)
  }

  @Test func nodesThatAreToStayInFloatDo() throws {
    let graph = Self.network()
    let last = graph.nodes.last!.name
    let result = try quantized(graph, .int8, floatNodes: [last])
    #expect(result.quantized.lowered.usesFloat)
    #expect(result.quantized.lowered.operators.last!.code == HRM_DENSE)
    #expect(result.quantized.lowered.tensors[result.quantized.lowered.outputs[0]].format == .float)
    #expect(throws: CompilerError.self) {
      _ = try quantized(graph, .int8, floatNodes: ["no such node"])
    }
  }

  @Test func theFileOfAModelDescribesIt() throws {
    let result = try quantized(Self.network(), .int8)
    let description = try ModelDescription(result.quantized.bytes)
    #expect(description.arenaBytes == result.quantized.plan.arenaBytes)
    #expect(description.arenaLowerBound == result.quantized.plan.lowerBound)
    #expect(description.operators.count == result.quantized.lowered.operators.count)
    #expect(description.inputs[0].type == "int8")
    #expect(description.macs == result.quantized.lowered.macs)
    // Weights and biases of four contractions.
    let parameters = 16 * 28 + 16 * 10 + 16 * 17 + 5 * 33
    #expect(description.parameters == parameters)
  }

  /// One convolution by hand: y from exact integers, by the definition in hrm.h.
  @Test func aQuantizedConvolutionIsExact() throws {
    var random = LinearCongruential(state: 21)
    var net = LowerNetwork(input: [1, 5, 6, 4])
    let y = net.convolution(net.input, 11, 3, clamp: .relu, &random)
    net.graph.outputs = [y]
    let input = ElementFormat(type: HRM_INT8, scale: 0.011, zeroPoint: 9)
    let output = ElementFormat(type: HRM_INT8, scale: 0.013, zeroPoint: -101)
    net.graph.values[net.input].quantization = Quantization(
      storage: .int8, scales: [input.scale], zeroPoint: input.zeroPoint)
    net.graph.values[y].quantization = Quantization(
      storage: .int8, scales: [output.scale], zeroPoint: output.zeroPoint)
    let runner = try ModelRunner(ModelWriter.write(Lowering.lower(net.graph)).bytes)
    let sample = Self.samples(1, of: 120)[0]
    try runner.write(sample, to: 0)
    try runner.run()
    let found = try runner.output(0).reals().map { output.element(Double($0)) }

    // Weights as the compiler rounds them: 127 steps per channel; bias in units of the product.
    guard case .float(let weights) = net.graph.values[1].constant,
      case .float(let bias) = net.graph.values[2].constant
    else { return }
    var rounded = net.graph
    var reals: [Float] = []
    var scales: [Double] = []
    for channel in 0..<11 {
      let row = weights[channel * 36..<(channel + 1) * 36]
      let scale = Double(row.map { abs($0) }.max()!) / 127
      scales.append(scale)
      reals += row.map { Float((Double($0) / scale).rounded()) }
    }
    rounded.values[1].constant = .float(reals)
    rounded.values[2].constant = .float(
      bias.enumerated().map {
        Float((Double($1) / (Double(input.scale) * scales[$0])).rounded())
      })
    rounded.nodes[0].operation = .convolution(
      {
        var convolution = Convolution()
        convolution.pads = [1, 1, 1, 1]
        return convolution
      }())
    let elements = sample.map { Float(input.element(Double($0)) - input.zeroPoint) }
    let sums = LowerReference.run(rounded, elements)[y]!
    for (index, sum) in sums.enumerated() {
      let real = sum * Double(input.scale) * scales[index % 11] / Double(output.scale)
      let exact = min(max((real + 0.5).rounded(.down) + Double(output.zeroPoint), -101), 127)
      #expect(found[index] == Int(exact))
    }
  }

  @Test func softmaxOverAnotherAxisIsTransposed() throws {
    var net = LowerNetwork(input: [1, 2, 3, 4])
    let y = net.add(.softmax(axis: 1), [net.input], [1, 2, 3, 4])
    net.graph.outputs = [y]
    let runner = try ModelRunner(ModelWriter.write(Lowering.lower(net.graph)).bytes)
    let sample = Self.samples(1, of: 24)[0]
    try runner.write(sample, to: 0)
    try runner.run()
    let found = try runner.output(0).reals()
    for index in 0..<12 {
      let (a, b) = (exp(Double(sample[index])), exp(Double(sample[index + 12])))
      #expect(abs(Double(found[index]) - a / (a + b)) < 1e-6)
      #expect(abs(Double(found[index + 12]) - b / (a + b)) < 1e-6)
    }
  }

  @Test func whatHasNoFixedPointFormRunsInFloatAndSaysSo() throws {
    var net = LowerNetwork(input: [1, 8])
    let a = net.add(.unary(.sigmoid), [net.input], [1, 8])
    let y = net.add(.binary(.pow, clamp: nil), [a, a], [1, 8])
    net.graph.outputs = [y]
    let result = try quantized(net.graph, .int8)
    #expect(result.quantized.lowered.notes.count == 1)
    #expect(result.quantized.lowered.usesFloat)
    #expect(result.noise.outputRatio > 30)
  }

  @Test func conversionsAtTheBordersOfAQuantizedNetworkBecomeItsInterface() throws {
    var net = LowerNetwork(input: [1, 4])
    let format = Quantization(storage: .int8, scales: [0.1], zeroPoint: 3)
    let q = net.add(.quantize, [net.input], [1, 4])
    net.graph.values[q].quantization = format
    let r = net.add(.unary(.tanh), [q], [1, 4])
    net.graph.values[r].quantization = Quantization(storage: .int8, scales: [1 / 128])
    let y = net.add(.dequantize, [r], [1, 4])
    net.graph.outputs = [y]
    let fixed = try Lowering.lower(net.graph, interface: .quantized)
    #expect(fixed.operators.map(\.code) == [HRM_LOOKUP])
    #expect(!fixed.usesFloat)
    #expect(fixed.tensors[fixed.inputs[0]].name == "x")
    let float = try Lowering.lower(net.graph, interface: .float32)
    #expect(float.operators.map(\.code) == [HRM_QUANTIZE, HRM_LOOKUP, HRM_DEQUANTIZE])
  }

  @Test func aConversionThatManyNodesNeedIsMadeOnce() throws {
    var net = LowerNetwork(input: [1, 4])
    net.graph.values[net.input].quantization = Quantization(storage: .int8, scales: [0.1])
    let a = net.add(.unary(.exp), [net.input], [1, 4])
    let b = net.add(.unary(.neg), [net.input], [1, 4])
    net.graph.outputs = [a, b]
    let model = try Lowering.lower(net.graph)
    #expect(model.operators.map(\.code) == [HRM_DEQUANTIZE, HRM_UNARY, HRM_UNARY])
  }

  @Test func aSmallConstantOperandBecomesATable() throws {
    var net = LowerNetwork(input: [1, 4])
    let two = net.constant([2], [1, 1])
    let y = net.add(.binary(.mul, clamp: nil), [net.input, two], [1, 4])
    net.graph.outputs = [y]
    for id in [net.input, y] {
      net.graph.values[id].quantization = Quantization(storage: .int8, scales: [0.1])
    }
    #expect(try Lowering.lower(net.graph).operators.map(\.code) == [HRM_LOOKUP])
  }
}
