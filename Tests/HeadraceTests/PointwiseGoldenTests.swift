import CHeadrace
import Testing

@testable import Headrace

/// Results of ONNX Runtime, see Tests/golden/pointwise.py.
@Suite struct PointwiseGoldenTests {
  @Test(arguments: [
    (PointwiseGolden.gelu, HRM_GELU, Float(0), Float(0)),
    (PointwiseGolden.geluTanh, HRM_GELU_TANH, 0, 0),
    (PointwiseGolden.hardSwish, HRM_HARD_SWISH, 0, 0),
    (PointwiseGolden.hardSigmoid, HRM_HARD_SIGMOID, 0.2, 0.5),
    (PointwiseGolden.elu, HRM_ELU, 1.25, 0),
    (PointwiseGolden.selu, HRM_SELU, 1.6732632, 1.050701),
    (PointwiseGolden.softplus, HRM_SOFTPLUS, 0, 0),
    (PointwiseGolden.softsign, HRM_SOFTSIGN, 0, 0),
    (PointwiseGolden.erf, HRM_ERF, 0, 0),
    (PointwiseGolden.leakyRelu, HRM_LEAKY_RELU, 0.01, 0),
  ])
  func functionsAgree(golden: [[Float]], function: hrm_function, a: Float, b: Float) throws {
    let count = golden[0].count
    let y = try runOperator(
      HRM_UNARY, hrm_unary(function: Int32(function.rawValue), a: a, b: b),
      [.float([count], golden[0])], .float([count]))
    // ONNX Runtime's own approximations are a few units in the last place of 1 off.
    expectClose(y.floats, golden[1].map { Double($0) }, relative: 2e-6, absolute: 5e-7)
  }

  private func agrees<Parameters: BitwiseCopyable>(
    _ golden: [[Float]], _ code: hrm_code, _ parameters: Parameters, _ dims: [[Int]],
    _ output: [Int], tables: [TestTensor] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var inputs = zip(dims, golden).map { TestTensor.float($0, $1) }
    for position in inputs.indices.dropFirst() { inputs[position].isConstant = true }
    let y = try runOperator(code, parameters, inputs + tables, .float(output))
    expectClose(
      y.floats, golden[dims.count].map { Double($0) }, relative: 2e-6, absolute: 1e-6,
      sourceLocation: sourceLocation)
  }

  @Test func softmaxAgrees() throws {
    try agrees(PointwiseGolden.softmax, HRM_SOFTMAX, hrm_softmax(), [[3, 7]], [3, 7])
  }

  @Test func normalisationsAgree() throws {
    var parameters = hrm_norm()
    parameters.epsilon = 1e-3
    parameters.axes = 1
    try agrees(PointwiseGolden.layerNorm, HRM_LAYER_NORM, parameters, [[4, 9], [9], [9]], [4, 9])
    let dims = [2, 3, 4, 6]
    parameters.groups = 3
    try agrees(PointwiseGolden.groupNorm, HRM_GROUP_NORM, parameters, [dims, [6], [6]], dims)
    parameters.groups = 6
    try agrees(PointwiseGolden.instanceNorm, HRM_GROUP_NORM, parameters, [dims, [6], [6]], dims)
  }

  /// Twice the size from pixel centres: a quarter and three quarters of two neighbours.
  private func halfPixelTable(_ extent: Int) -> TestTensor {
    let entries = (0..<2 * extent).flatMap { index -> [Int32] in
      let coordinate = min(max((Float(index) + 0.5) / 2 - 0.5, 0), Float(extent - 1))
      let first = Int32(coordinate)
      let weight = coordinate - Float(first)
      return [first, min(first + 1, Int32(extent) - 1), Int32(bitPattern: weight.bitPattern)]
    }
    return TestTensor.int32([2 * extent, 3], entries).constant
  }

  private func nearestTable(_ extent: Int) -> TestTensor {
    let entries = (0..<2 * extent).flatMap { index -> [Int32] in
      [Int32(index / 2), Int32(index / 2), 0]
    }
    return TestTensor.int32([2 * extent, 3], entries).constant
  }

  @Test func resizingAgrees() throws {
    let none = ModelBuilder.NoParameters()
    try agrees(
      PointwiseGolden.resizeHalfPixel, HRM_RESIZE, none, [[1, 3, 4, 2]], [1, 6, 8, 2],
      tables: [halfPixelTable(3), halfPixelTable(4)])
    try agrees(
      PointwiseGolden.resizeNearest, HRM_RESIZE, none, [[1, 3, 4, 2]], [1, 6, 8, 2],
      tables: [nearestTable(3), nearestTable(4)])
  }

  @Test func slopesAgree() throws {
    try agrees(
      PointwiseGolden.prelu, HRM_PRELU, hrm_prelu(), [[1, 3, 2, 5], [5]], [1, 3, 2, 5])
  }

  @Test func blocksAgree() throws {
    for (golden, order): ([[Float]], Int32) in [
      (PointwiseGolden.depthToSpaceDCR, 0), (PointwiseGolden.depthToSpaceCRD, 1),
    ] {
      try agrees(
        golden, HRM_DEPTH_TO_SPACE, hrm_block(block: 2, column_row_depth: order), [[1, 2, 3, 8]],
        [1, 4, 6, 2])
    }
  }
}
