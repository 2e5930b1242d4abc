import Foundation
import Testing

@testable import HeadraceCompiler

/// What the passes leave of networks, by the kinds of their nodes.
@Suite struct PassTests {
  private func optimized(_ name: String) throws -> Graph {
    try OnnxCase(name: name).optimized()
  }

  private func kinds(_ graph: Graph) -> [String] {
    graph.nodes.map { String("\($0.operation)".prefix { $0 != "(" }) }
  }

  @Test(arguments: [
    "conv_batchnorm_relu", "deconv_batchnorm", "gemm_batchnorm", "conv_scale_shift",
  ])
  func whatScalesAndShiftsAfterAConvolutionDisappears(_ name: String) throws {
    #expect(try optimized(name).nodes.count == 1)
  }

  @Test func aBatchNormalisationOnItsOwnIsADepthwiseConvolution() throws {
    let graph = try optimized("batchnorm")
    guard case .convolution(let convolution) = graph.nodes[0].operation else {
      Issue.record("\(graph.nodes)")
      return
    }
    #expect(graph.nodes.count == 1 && convolution.groups == 3)
  }

  @Test(arguments: [
    ("gelu_erf_pattern", Unary.gelu), ("gelu_erf_half_first", .gelu),
    ("gelu_tanh_pattern", .geluTanh), ("hardswish_pattern", .hardSwish),
    ("hardsigmoid_pattern", .hardSigmoid(alpha: 1 / 6, beta: 0.5)), ("swish_pattern", .swish),
  ])
  func aFunctionThatIsSpelledOutIsRecognised(_ name: String, _ function: Unary) throws {
    #expect(try optimized(name).nodes.map(\.operation) == [.unary(function)])
  }

  @Test func anUnknownCompositionIsKept() throws {
    #expect(try optimized("mish_pattern").nodes.count == 3)
  }

  @Test(arguments: [
    "squeeze_excite", "unet", "conv_flatten_gemm", "sequence_net", "nhwc_source", "tokens",
    "batchnorm1d", "resize_sequence", "concat_channels", "pad_input", "slice_steps",
  ])
  func elementsAreNotMovedAround(_ name: String) throws {
    #expect(!kinds(try optimized(name)).contains("transpose"))
  }

  @Test func shufflingChannelsMovesThemOnce() throws {
    #expect(kinds(try optimized("shuffle")).filter { $0 == "transpose" }.count == 1)
  }

  @Test func aSequenceIsAnImageOfOneRow() throws {
    let graph = try optimized("sequence_net")
    let input = graph.values[graph.inputs[0]]
    #expect(input.shape == [1, 1, 16, 3])
    #expect(input.channelsFirstSource && input.sourceRank == 3)
    #expect(!kinds(graph).contains("reshape") || kinds(graph).filter { $0 == "reshape" }.count == 1)
  }

  @Test func aNetworkThatIsChannelsLastAlreadyStaysSo() throws {
    let graph = try optimized("nhwc_source")
    #expect(!graph.values[graph.inputs[0]].channelsFirstSource)
    #expect(graph.values[graph.inputs[0]].shape == [1, 5, 6, 3])
    #expect(kinds(graph) == ["convolution"])
  }

  @Test func aPadBeforeAConvolutionBecomesItsPadding() throws {
    #expect(kinds(try optimized("pad_before_conv")) == ["convolution"])
  }

  @Test func shapeArithmeticLeavesNoNodes() throws {
    #expect(kinds(try optimized("constant_chain")) == ["unary"])
  }

  @Test(arguments: ["qdq_int8", "qdq_uint8"])
  func quantizeAndDequantizeBecomePropertiesOfValues(_ name: String) throws {
    let graph = try optimized(name)
    #expect(kinds(graph) == ["quantize", "convolution", "pool", "dequantize"])
    let convolution = graph.nodes[1]
    #expect(graph.values[convolution.inputs[1]!].quantization?.axis == 0)
    #expect(graph.values[convolution.inputs[2]!].quantization?.storage == .int32)
    #expect(graph.values[convolution.outputs[0]].quantization?.zeroPoint == -128)
  }

  @Test func metadataSayHowAPictureBecomesTheInput() throws {
    let graph = try OnnxCase(name: "described").optimized()
    #expect(graph.metadata["name"] == "Described")
    #expect(graph.metadata["labels"] == "cat\ndog")
    #expect(
      graph.pictures[0]
        == PictureInput(
          color: .bgr, fit: .letterbox, mean: [0.5, 0.25, 0.125], deviation: [1, 2, 4]))
  }

  @Test func optimizingTellsHowFarItIs() throws {
    var graph = try importONNX(OnnxCase(name: "unet").bytes())
    var parts: [Double] = []
    try optimize(&graph) { parts.append($1) }
    #expect(parts == parts.sorted() && parts.first == 0 && parts.last == 1)
  }
}
