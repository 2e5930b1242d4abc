import CHeadrace
import Testing

@testable import HeadraceCompiler

/// Float convolutions with a Winograd form.
@Suite struct LowerWinogradTests {
  private func network(_ height: Int, _ input: Int, _ output: Int, _ side: Int, stride: Int = 1)
    -> Graph
  {
    var random = LinearCongruential(state: 3)
    var net = LowerNetwork(input: [1, height, height + 3, input])
    net.graph.outputs = [
      net.convolution(net.input, output, side, stride: stride, clamp: .relu, &random)
    ]
    return net.graph
  }

  private func codes(_ graph: Graph) throws -> [hrm_code] {
    try Lowering.lower(graph).operators.map(\.code)
  }

  @Test(arguments: [(3, 1), (7, 2)])
  func aConvolutionThatIsFasterSoComputesTheSame(_ side: Int, _ stride: Int) throws {
    let graph = network(40, 12, 24, side, stride: stride)
    #expect(try codes(graph) == [HRM_WINOGRAD_CONV2D])
    let runner = try ModelRunner(ModelWriter.write(Lowering.lower(graph)).bytes)
    var random = LinearCongruential(state: 8)
    let sample = random.reals(40 * 43 * 12, around: 1)
    try runner.write(sample, to: 0)
    try runner.run()
    let expected = LowerReference.run(graph, sample)[graph.outputs[0]]!
    let largest = expected.map { abs($0) }.max()!
    for (a, b) in zip(try runner.output(0).reals(), expected) {
      #expect(abs(Double(a) - b) < 1e-5 * largest)
    }
  }

  @Test func aConvolutionOfFewPixelsOrAnotherKernelStaysAsItIs() throws {
    #expect(try codes(network(6, 64, 64, 3)) == [HRM_CONV2D])
    #expect(try codes(network(40, 24, 24, 1)) == [HRM_CONV2D])
    #expect(try codes(network(40, 24, 24, 3, stride: 2)) == [HRM_CONV2D])
  }

  @Test func aFileStatesTheLowestVersionThatHasWhatItUses() throws {
    func minor(_ graph: Graph) throws -> UInt8 {
      try ModelWriter.write(Lowering.lower(graph)).bytes[10]
    }
    #expect(try minor(network(40, 24, 24, 3)) == 1)
    #expect(try minor(network(40, 24, 24, 1)) == 0)
  }
}
