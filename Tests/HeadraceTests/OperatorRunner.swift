import CHeadrace
import HeadraceKernels
import Testing

@testable import Headrace

/// A tensor with its contents, row-major, for running one operator.
struct TestTensor {
  var type: hrm_type
  var dims: [Int]
  var bytes: [UInt8] = []
  var isConstant = false
  var scale: Float = 0
  var zeroPoint: Int32 = 0

  static func float(_ dims: [Int], _ values: [Float] = []) -> TestTensor {
    TestTensor(type: HRM_FLOAT32, dims: dims, bytes: HeadraceTests.bytes(of: values))
  }

  static func int8(
    _ dims: [Int], _ values: [Int8] = [], scale: Float = 1, zeroPoint: Int32 = 0
  ) -> TestTensor {
    TestTensor(
      type: HRM_INT8, dims: dims, bytes: HeadraceTests.bytes(of: values), scale: scale,
      zeroPoint: zeroPoint)
  }

  static func int16(_ dims: [Int], _ values: [Int16] = [], scale: Float = 1) -> TestTensor {
    TestTensor(
      type: HRM_INT16, dims: dims, bytes: HeadraceTests.bytes(of: values), scale: scale)
  }

  static func int32(_ dims: [Int], _ values: [Int32]) -> TestTensor {
    TestTensor(type: HRM_INT32, dims: dims, bytes: HeadraceTests.bytes(of: values))
  }

  static func int64(_ dims: [Int], _ values: [Int64]) -> TestTensor {
    TestTensor(type: HRM_INT64, dims: dims, bytes: HeadraceTests.bytes(of: values))
  }

  /// The same, stored in the file.
  var constant: TestTensor {
    var copy = self
    copy.isConstant = true
    return copy
  }

  var floats: [Float] { values(bytes, as: Float.self) }
  var int8s: [Int8] { values(bytes, as: Int8.self) }
  var int16s: [Int16] { values(bytes, as: Int16.self) }
}

/// Verifies a model of one operator and runs it in `parts` parts (nil: as many as it asks for with
/// four threads), last part first. Returns `output` with its contents. Throws what verifying throws.
///
/// Records an issue if the run writes anything but its output and its own scratch.
/// `inPlace` lays the output over the input that the operator says it may take over.
func runOperator<Parameters: BitwiseCopyable>(
  _ code: hrm_code, _ parameters: Parameters, _ inputs: [TestTensor?], _ output: TestTensor,
  parts: Int? = nil, inPlace: Bool = false,
  fillKernels: (UnsafeMutablePointer<hr_kernels>?) -> Void = hr_kernels_baseline
) throws -> TestTensor {
  var builder = ModelBuilder()
  let operands = inputs.map { input in
    input.map {
      builder.tensor(
        $0.type, $0.dims, constant: $0.isConstant ? $0.bytes : nil, scale: $0.scale,
        zeroPoint: $0.zeroPoint)
    }
  }
  let result = builder.tensor(
    output.type, output.dims, scale: output.scale, zeroPoint: output.zeroPoint)
  builder.add(code, parameters, inputs: operands, outputs: [result])
  builder.inputs = operands.compactMap { $0 }.filter { !builder.tensors[Int($0)].isConstant }
  builder.outputs = [result]

  var file = AlignedBytes(builder.file())
  try Operators.verify(ModelView(base: file.base)[operator: 0])
  if inPlace {
    let position = try #require(Operators.inPlaceInput(ModelView(base: file.base)[operator: 0]))
    let input = try #require(operands[position])
    builder.tensors[Int(result)].offset = builder.tensors[Int(input)].offset
    file = AlignedBytes(builder.file())
  }
  let view = ModelView(base: file.base)
  let op = view[operator: 0]

  let guardBytes = 256
  let arena = AlignedBytes(count: builder.arenaBytes + 2 * guardBytes)
  for case (let input?, let index?) in zip(inputs, operands) where !input.isConstant {
    let record = builder.tensors[Int(index)]
    precondition(input.bytes.count == record.bytes, "contents do not fit dims")
    let place = arena.base + guardBytes + Int(record.offset)
    place.copyMemory(from: input.bytes, byteCount: input.bytes.count)
  }
  let before = arena.bytes

  var kernels = hr_kernels()
  fillKernels(&kernels)
  let parts = parts ?? Operators.parts(op, threads: 4)
  let scratchBytes = (Operators.scratchBytes(op) + 63) & ~63
  let scratch = AlignedBytes(count: scratchBytes + guardBytes, fill: 0x5a)
  withUnsafePointer(to: &kernels) { kernels in
    let memory = SessionMemory(
      arena: arena.base + guardBytes, constants: view.constants, scratch: scratch.base,
      kernels: kernels)
    for part in (0..<parts).reversed() { Operators.run(op, memory, part: part, of: parts) }
  }

  let record = builder.tensors[Int(result)]
  let extent = guardBytes + Int(record.offset)..<guardBytes + Int(record.offset + record.bytes)
  let after = arena.bytes
  #expect(
    before[..<extent.lowerBound] == after[..<extent.lowerBound]
      && before[extent.upperBound...] == after[extent.upperBound...],
    "the run wrote outside its output")
  #expect(
    scratch.bytes[scratchBytes...].allSatisfy { $0 == 0x5a }, "the run wrote beyond its scratch")
  var filled = output
  filled.bytes = Array(after[extent])
  return filled
}
