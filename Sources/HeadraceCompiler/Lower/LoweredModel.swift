import CHeadrace

/// A network as operators of `hrm.h`: what the planner lays out and the writer writes.
struct LoweredModel {
  /// An activation or a constant.
  struct Tensor {
    var name: String
    var format: ElementFormat
    /// 1 ... HRM_MAX_RANK extents, each at least 1.
    var dims: [Int]
    /// The little-endian elements of a constant; nil: it lives in the arena.
    var data: [UInt8]?
    var channelsFirstSource = false
    var sourceRank: Int
    /// The graph value that this tensor holds, in the value's own quantization.
    var value: Graph.ValueID?

    var isConstant: Bool { data != nil }
    var elementCount: Int { dims.reduce(1, *) }
    var byteCount: Int { elementCount * format.elementBytes }
  }

  struct Operator {
    /// The node it came from, for messages and reports.
    var name: String
    var code: hrm_code
    /// Tensor indices; nil: an optional input that is absent.
    var inputs: [Int?]
    var outputs: [Int]
    /// One of the parameter structs of `hrm.h`, padded with zeros.
    var parameters: [Int32]
    /// Multiply-accumulate operations of one run.
    var macs = 0
  }

  /// How a frame becomes an input, as `hrm_frame_input`.
  struct FrameInput {
    var input: Int
    var table: Int
    var picture: PictureInput
  }

  var tensors: [Tensor] = []
  var operators: [Operator] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  var frameInputs: [FrameInput] = []
  var metadata: [String: String] = [:]
  /// What the user should know: operators that run in float in a quantized model, precision given up.
  var notes: [String] = []

  mutating func add(_ tensor: Tensor) -> Int {
    tensors.append(tensor)
    return tensors.count - 1
  }

  mutating func addConstant(
    _ name: String, _ format: ElementFormat, dims: [Int], data: [UInt8]
  ) -> Int {
    add(Tensor(name: name, format: format, dims: dims, data: data, sourceRank: dims.count))
  }

  var macs: Int { operators.reduce(0) { $0 + $1.macs } }

  /// Whether any operator computes in floating point.
  var usesFloat: Bool {
    operators.contains { op in
      (op.inputs.compactMap { $0 } + op.outputs).contains {
        !tensors[$0].isConstant && tensors[$0].format.type == HRM_FLOAT32
      }
    }
  }
}

/// A parameter struct of `hrm.h` as the 16 words that stand in an operator's record.
func parameterWords<Parameters: BitwiseCopyable>(_ parameters: Parameters) -> [Int32] {
  var words = withUnsafeBytes(of: parameters) { Array($0.bindMemory(to: Int32.self)) }
  words += Array(repeating: 0, count: 16 - words.count)
  return words
}

/// The bytes of `elements`, in this machine's order, which is little-endian as the file's.
func bytes<Element: BitwiseCopyable>(of elements: [Element]) -> [UInt8] {
  elements.withUnsafeBytes { Array($0) }
}
