import CHeadrace

/// One operator of a model, with its tensors and parameters.
struct OperatorView {
  let model: ModelView
  let index: Int

  var record: UnsafePointer<hrm_operator> { model.operators + index }
  var code: UInt16 { record.pointee.code }
  var inputCount: Int { Int(record.pointee.input_count) }
  var outputCount: Int { Int(record.pointee.output_count) }

  /// The parameters as the struct that hrm.h gives for this operator's code.
  func parameters<Parameters: BitwiseCopyable>(_ type: Parameters.Type) -> Parameters {
    // They are the last 64 bytes of the record, which is read in place: the optimizer of Swift 6.3 loses
    // the contents of a tuple that is copied and then read as something else.
    (UnsafeRawPointer(record + 1) - 64).loadUnaligned(as: Parameters.self)
  }

  func inputIndex(_ position: Int) -> UInt32 {
    model.operands[Int(record.pointee.first_operand) + position]
  }

  /// An input that must be there; `verify` of each operator checks that it is.
  func input(_ position: Int) -> UnsafePointer<hrm_tensor> {
    model.tensors + Int(inputIndex(position))
  }

  /// An input that may be absent.
  func optionalInput(_ position: Int) -> UnsafePointer<hrm_tensor>? {
    guard position < inputCount, inputIndex(position) != HRM_NONE else { return nil }
    return input(position)
  }

  func output(_ position: Int = 0) -> UnsafePointer<hrm_tensor> {
    model.tensors + Int(model.operands[Int(record.pointee.first_operand) + inputCount + position])
  }

  /// What `verify` throws: the model is bad, here.
  func bad(_ message: StaticString) -> Failure {
    var failure = Failure.badModel(message)
    failure.operatorIndex = UInt32(index)
    return failure
  }

  func require(_ condition: Bool, _ message: @autoclosure () -> StaticString) throws(Failure) {
    if !condition { throw bad(message()) }
  }
}

/// Element `axis` of a C array of HRM_MAX_RANK elements.
func element<Value>(
  _ axis: Int, of array: (Value, Value, Value, Value, Value, Value)
) -> Value {
  switch axis {
  case 0: array.0
  case 1: array.1
  case 2: array.2
  case 3: array.3
  case 4: array.4
  default: array.5
  }
}

extension hrm_tensor {
  /// The extent of axis `axis`, counted from the front.
  subscript(dim axis: Int) -> Int {
    Int(element(axis, of: dims))
  }

  var elementCount: Int { Int(bytes) / elementBytes }

  var elementBytes: Int {
    switch UInt32(type) {
    case HRM_INT8.rawValue: 1
    case HRM_INT16.rawValue: 2
    case HRM_INT64.rawValue: 8
    default: 4
    }
  }

  var isFloat: Bool { UInt32(type) == HRM_FLOAT32.rawValue }
  var isInt8: Bool { UInt32(type) == HRM_INT8.rawValue }
  var isInt16: Bool { UInt32(type) == HRM_INT16.rawValue }
  var isInt32: Bool { UInt32(type) == HRM_INT32.rawValue }
  var isInt64: Bool { UInt32(type) == HRM_INT64.rawValue }
  /// float32, int8 or int16: what flows between operators.
  var isActivation: Bool { isFloat || isInt8 || isInt16 }
  var isConstant: Bool { UInt32(storage) == HRM_CONSTANT.rawValue }

  /// Extents of a rank-4 tensor, N x H x W x C.
  var batch: Int { self[dim: 0] }
  var height: Int { self[dim: 1] }
  var width: Int { self[dim: 2] }
  var channels: Int { self[dim: 3] }

  func hasSameShape(as other: hrm_tensor) -> Bool {
    guard rank == other.rank else { return false }
    for axis in 0..<Int(rank) where self[dim: axis] != other[dim: axis] { return false }
    return true
  }
}
