import CHeadrace
import Testing

@testable import Headrace

/// A convolution and the sum behind it are run as one where a CPU's kernels can. An observer, who wants the outputs of
/// both, has them run one after the other.
@Suite struct FusedSumTests {
  /// Tiles of whole pixels and channels, of some pixels, of some channels.
  @Test(arguments: [(48, 64), (1, 16), (7, 8), (13, 11), (50, 75)], [true, false])
  func aSumBehindAConvolutionIsTheSameToTheBit(shape: (Int, Int), isFirst: Bool) throws {
    var network = SumNetwork(width: shape.0, channels: shape.1, convolutionIsFirst: isFirst)
    try #expect(network.run() == network.run(observed: true))
    network.storeSum(over: network.convolution)
    try #expect(network.run() == network.run(observed: true))
    network.storeSum(over: network.addend)
    try #expect(network.run() == network.run(observed: true))
  }

  @Test func aSumThatIsStoredOverTheConvolutionsInputIsRight() throws {
    var network = SumNetwork(width: 96, channels: 7, convolutionIsFirst: true)
    let right = try network.run()
    network.storeSum(over: network.input)
    try #expect(network.run() == right)
  }

  @Test func aConvolutionWhoseOutputIsTheModelsTooStoresIt() throws {
    var network = SumNetwork(width: 9, channels: 16, convolutionIsFirst: true)
    network.builder.outputs.append(network.convolution)
    let outputs = try network.run()
    try #expect(outputs == network.run(observed: true))
    let half = outputs.count / 2
    #expect(outputs[half...].contains { $0 != 0 })
    #expect(outputs[..<half] != outputs[half...])
  }

  /// max(0, w x + r), in double precision.
  @Test func aFusedSumIsClampedAsASum() throws {
    let network = SumNetwork(width: 6, channels: 8, convolutionIsFirst: true)
    let sums = try values(network.run(), as: Float.self)
    for (index, sum) in sums.enumerated() {
      let (pixel, channel) = (index / 8, index % 8)
      let product = (0..<8).reduce(0.0) {
        $0 + Double(network.x[pixel * 8 + $1]) * Double(network.weights[$1 * 8 + channel])
      }
      #expect(abs(Double(sum) - max(0, product + Double(network.r[index]))) < 1e-5)
    }
    #expect(sums.contains(0) && sums.contains { $0 > 0 })
  }
}

/// max(0, convolution of x + r), with a kernel of 1x1.
private struct SumNetwork {
  var builder = ModelBuilder()
  let input: UInt32
  let addend: UInt32
  let convolution: UInt32
  let sum: UInt32
  let x: [Float]
  let r: [Float]
  let weights: [Float]

  init(width: Int, channels: Int, convolutionIsFirst: Bool) {
    var random = Random(width * 1000 + channels)
    func floats(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }
    let blocks = (channels + 7) / 8
    let dims = [1, 1, width, channels]
    x = floats(width * channels)
    r = floats(width * channels)
    weights = floats(blocks * channels * 8)
    input = builder.tensor(HRM_FLOAT32, dims)
    addend = builder.tensor(HRM_FLOAT32, dims)
    convolution = builder.tensor(HRM_FLOAT32, dims)
    sum = builder.tensor(HRM_FLOAT32, dims)
    let kernel = builder.tensor(
      HRM_FLOAT32, [blocks, channels, 8], constant: bytes(of: weights))
    let (least, greatest) = (-Float.infinity, Float.infinity)
    builder.add(
      HRM_CONV2D,
      hrm_conv(
        kernel_h: 1, kernel_w: 1, stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1,
        pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0, groups: 1,
        clamp_min: Int32(bitPattern: least.bitPattern),
        clamp_max: Int32(bitPattern: greatest.bitPattern)),
      inputs: [input, kernel], outputs: [convolution])
    var parameters = hrm_binary()
    parameters.function = Int32(HRM_ADD.rawValue)
    parameters.clamp_min = 0
    parameters.clamp_max = Int32(bitPattern: greatest.bitPattern)
    builder.add(
      HRM_BINARY, parameters,
      inputs: convolutionIsFirst ? [convolution, addend] : [addend, convolution], outputs: [sum])
    builder.inputs = [input, addend]
    builder.outputs = [sum]
  }

  /// Lays the sum over another tensor in the arena; over an operand of its own as far as a file may.
  mutating func storeSum(over other: UInt32) {
    let offset = builder.tensors[Int(sum)].offset
    builder.tensors[Int(sum)].offset = builder.tensors[Int(other)].offset
    let view = AlignedBytes(builder.file())
    let op = ModelView(base: view.base)[operator: 1]
    let operands = [op.inputIndex(0), op.inputIndex(1)]
    if let position = operands.firstIndex(of: other), position != Operators.inPlaceInput(op) {
      builder.tensors[Int(sum)].offset = offset
    }
  }

  /// The outputs' bytes.
  func run(observed: Bool = false) throws -> [UInt8] {
    let session = try OpenSession(OpenModel(builder)) {
      if observed { $0.observer = { _, _, _ in } }
    }
    for (index, elements) in [x, r].enumerated() {
      bytes(of: elements).withUnsafeBytes {
        session.input(UInt32(index)).data.copyMemory(
          from: $0.baseAddress!, byteCount: $0.count)
      }
    }
    #expect(hr_session_run(session.handle, nil) == HR_OK)
    return (0..<builder.outputs.count).flatMap { index in
      let output = session.output(UInt32(index))
      return [UInt8](UnsafeRawBufferPointer(start: output.data, count: output.bytes))
    }
  }
}
