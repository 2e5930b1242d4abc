import CHeadrace
import HeadraceKernels
import Testing

@testable import Headrace

// What the tests of element-wise and data movement operators share: inputs, exact arithmetic to compare
// with, and running an operator in every way there is.

/// A repeatable source of test values (SplitMix64).
struct TestValues {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// `count` numbers of -range ... range.
  mutating func floats(_ count: Int, range: Float = 4) -> [Float] {
    (0..<count).map { _ in (Float(next() >> 40) / Float(1 << 23) - 1) * range }
  }

  /// `count` integers over the type's whole range, both ends among them.
  mutating func integers<T: FixedWidthInteger>(_ count: Int, _ type: T.Type) -> [T] {
    (0..<count).map { index in
      index == 3 ? T.min : index == 5 ? T.max : T(truncatingIfNeeded: next())
    }
  }
}

/// `floor(value * multiplier / 2^shift + 1/2)` in 128 bits, without saturation.
func exactRequantize(_ value: Int, _ multiplier: Int32, _ shift: Int32) -> Int {
  let numerator = Int128(value) * Int128(multiplier) * 2 + (Int128(1) << Int128(shift))
  let denominator = Int128(2) << Int128(shift)
  var quotient = numerator / denominator
  if numerator % denominator < 0 { quotient -= 1 }
  return Int(quotient)
}

func saturated<T: FixedWidthInteger>(_ value: Int, _ type: T.Type) -> T { T(clamping: value) }

/// Multiplier (31 bits) and shift whose quotient is nearest to `real`.
func fixedMultiplier(_ real: Double) -> (multiplier: Int32, shift: Int32) {
  var shift: Int32 = 0
  var scaled = real
  while scaled < Double(1 << 30) {
    scaled *= 2
    shift += 1
  }
  return (Int32(min(scaled.rounded(), 2_147_483_647)), shift)
}

/// Every index of `dims`, row-major.
func indices(_ dims: [Int]) -> [[Int]] {
  dims.reduce([[]]) { prefixes, dim in
    prefixes.flatMap { prefix in (0..<dim).map { prefix + [$0] } }
  }
}

/// The row-major place of `index` in `dims`; an axis of extent 1 repeats.
func place(_ index: [Int], in dims: [Int]) -> Int {
  zip(index, dims).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
}

func expectClose(
  _ result: [Float], _ expected: [Double], relative: Double = 1e-6, absolute: Double = 1e-7,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.count == expected.count, sourceLocation: sourceLocation)
  for (index, (value, truth)) in zip(result, expected).enumerated() {
    let isClose =
      Double(value) == truth || (value.isNaN && truth.isNaN)
      || abs(Double(value) - truth) <= relative * abs(truth) + absolute
    #expect(isClose, "element \(index): \(value), not \(truth)", sourceLocation: sourceLocation)
  }
}

/// Runs an operator in one to four parts and, if it can, in place. Records an issue if any of these
/// gives other bytes than one part does. Returns the output.
func runEveryWay<Parameters: BitwiseCopyable>(
  _ code: hrm_code, _ parameters: Parameters, _ inputs: [TestTensor?], _ output: TestTensor,
  inPlace: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
) throws -> TestTensor {
  let result = try runOperator(code, parameters, inputs, output, parts: 1)
  for parts in 2...4 {
    let split = try runOperator(code, parameters, inputs, output, parts: parts)
    #expect(split.bytes == result.bytes, "\(parts) parts differ", sourceLocation: sourceLocation)
  }
  if inPlace {
    for parts in [1, 3] {
      let over = try runOperator(code, parameters, inputs, output, parts: parts, inPlace: true)
      #expect(over.bytes == result.bytes, "in place differs", sourceLocation: sourceLocation)
    }
  }
  return result
}

/// Records an issue unless verifying refuses the operator.
func expectRefused<Parameters: BitwiseCopyable>(
  _ code: hrm_code, _ parameters: Parameters, _ inputs: [TestTensor?], _ output: TestTensor,
  _ why: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(throws: Failure.self, why, sourceLocation: sourceLocation) {
    try runOperator(code, parameters, inputs, output)
  }
}
