import CHeadrace
import Headrace

/// Names of a verified model's operators.
struct OperatorNames {
  private let planning: OperatorPlanning
  private let model: LoadedModel

  init(_ model: LoadedModel) {
    self.model = model
    planning = OperatorPlanning(model: model.base)
  }

  func name(_ index: Int) -> String { planning.name(index).description }
}

/// Counts the numbers that were trained, without the padding of their storage.
enum LoadedOperatorParameters {
  static func count(_ op: hrm_operator, _ model: LoadedModel) -> Int {
    let inputs = model.inputs(op)
    func constant(_ position: Int) -> hrm_tensor? {
      guard position < inputs.count, inputs[position] != HRM_NONE else { return nil }
      let tensor = model.tensors[Int(inputs[position])]
      return tensor.isConstantTensor ? tensor : nil
    }
    func elements(_ tensor: hrm_tensor?) -> Int { tensor?.shape.reduce(1, *) ?? 0 }
    switch hrm_code(rawValue: UInt32(op.code)) {
    case HRM_CONV2D, HRM_DEPTHWISE_CONV2D, HRM_TRANSPOSED_CONV2D, HRM_DENSE,
      HRM_WINOGRAD_CONV2D:
      guard let weights = constant(1) else { return 0 }
      let channels = model.tensors[Int(model.outputs(op)[0])].shape.last!
      return weightsPerChannel(op, model, weights) * channels + (constant(2) == nil ? 0 : channels)
    case HRM_MATMUL, HRM_BINARY: return elements(constant(0)) + elements(constant(1))
    case HRM_LAYER_NORM, HRM_GROUP_NORM: return elements(constant(1)) + elements(constant(2))
    case HRM_PRELU:
      return model.tensors[Int(inputs[1])].shape.last!
    default: return 0
    }
  }

  private static func weightsPerChannel(
    _ op: hrm_operator, _ model: LoadedModel, _ weights: hrm_tensor
  ) -> Int {
    let depth = model.tensors[Int(model.inputs(op)[0])].shape.last!
    if hrm_code(rawValue: UInt32(op.code)) == HRM_DENSE { return depth }
    let conv = withUnsafeBytes(of: op.params) { $0.loadUnaligned(as: hrm_conv.self) }
    return Int(conv.kernel_h) * Int(conv.kernel_w) * depth / Int(conv.groups)
  }

  static func total(_ bytes: [UInt8]) -> Int {
    guard let model = try? LoadedModel(bytes) else { return 0 }
    return model.operators.reduce(0) { $0 + count($1, model) }
  }
}

extension LoadedModel {
  /// The most bytes of the arena that tensors alive at one step take; what one tensor takes over from
  /// another in place counts once.
  var peakOfLiveTensors: Int {
    var lastUse: [Int: Int] = [:]
    for (step, op) in operators.enumerated() {
      for tensor in inputs(op) + outputs(op) where tensor != HRM_NONE {
        lastUse[Int(tensor)] = step
      }
    }
    for tensor in interface.dropFirst(Int(header.input_count)) {
      lastUse[Int(tensor)] = operators.count
    }
    let live = tensors.indices.filter { !tensors[$0].isConstantTensor }.compactMap { index in
      lastUse[index].map { last in
        let producer = tensors[index].producer
        return (
          first: producer == HRM_NONE ? -1 : Int(producer), last: last,
          offset: tensors[index].offset, bytes: align(Int(tensors[index].bytes))
        )
      }
    }
    return (-1...operators.count).map { step in
      var extents: [UInt32: Int] = [:]
      for tensor in live where tensor.first <= step && step <= tensor.last {
        extents[tensor.offset] = max(extents[tensor.offset] ?? 0, tensor.bytes)
      }
      return extents.values.reduce(0, +)
    }.max() ?? 0
  }
}
