import Foundation
import Testing

@testable import HeadraceCompiler

/// Each small network compiled, run by the runtime, and compared with ONNX Runtime's results.
@Suite struct OnnxConformanceTests {
  @Test func thereAreCases() {
    #expect(OnnxCase.all.count > 200)
  }

  @Test(arguments: OnnxCase.all)
  func aCompiledNetworkComputesWhatOnnxRuntimeDoes(_ network: OnnxCase) throws {
    let graph = try network.optimized()
    let tensors = try network.tensors()
    let inputs = try graph.inputs.map { input in
      try #require(tensors["in:" + graph.values[input].name]).elements
    }
    let results = try run(graph, inputs)
    for (output, result) in zip(graph.outputs, results) {
      let name = graph.values[output].name
      let expected = try #require(tensors["out:" + name])
      #expect(result.shape.filter { $0 != 1 } == expected.shape.filter { $0 != 1 })
      #expect(graph.values[output].sourceRank ?? result.shape.count == expected.shape.count)
      // Fixed point may round a tie to the other side once.
      let step = network.name.hasPrefix("qdq") ? Float(0.0301) : 0
      let wrong = zip(result.elements, expected.elements).filter { computed, reference in
        !(abs(computed - reference) <= max(1e-5 + 1e-4 * abs(reference), step))
      }
      #expect(wrong.isEmpty, "\(name): \(wrong.prefix(4)) of \(wrong.count) differ")
    }
  }
}
