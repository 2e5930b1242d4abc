import Foundation
import Testing

@testable import HeadraceCompiler

/// The networks that speed is measured on, where they are at hand.
private let networks: [URL] = {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../shared/bench/models").standardized
  let files = try? FileManager.default.contentsOfDirectory(
    at: folder, includingPropertiesForKeys: nil)
  return (files ?? []).filter {
    $0.lastPathComponent.hasSuffix("f32.onnx") || $0.lastPathComponent.hasSuffix("int8.onnx")
  }.sorted { $0.path < $1.path }
}()

@Suite struct PlanNetworkTests {
  @Test(
    .enabled(if: !networks.isEmpty, "../shared/bench/models is not there"), arguments: networks)
  func realNetworksArePlannedWithinTwoPercentOfTheirBound(network: URL) throws {
    var graph = try importONNX(Data(contentsOf: network))
    try optimize(&graph)
    let compiled = try ModelWriter.write(Lowering.lower(graph))
    #expect(compiled.plan.arenaBytes * 100 <= compiled.plan.lowerBound * 102)
    let description = try ModelDescription(compiled.bytes)
    #expect(description.arenaLowerBound == compiled.plan.lowerBound)
  }
}
