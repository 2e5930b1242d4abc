import CHeadrace
import Foundation

extension Lowering {
  mutating func lower(_ pool: Pool, _ node: Node) throws {
    let format = arithmetic(node)
    let averages = pool.function == .average
    let input = averages ? try inputFormat(node.inputs[0]!, for: format) : format
    let x = try tensor(node.inputs[0]!, as: input, for: node)
    let limits = format.limits(pool.clamp)
    var factor = FixedMultiplier(multiplier: 0, shift: 0)
    if averages && !format.isFloat {
      factor = try FixedMultiplier(
        Double(input.scale) / Double(format.scale), format.type == HRM_INT16 ? .half : .word,
        at: node.name)
    }
    try emit(
      node, HRM_POOL2D, [x], format,
      parameterWords(
        hrm_pool2d(
          function: Int32((averages ? HRM_AVERAGE_POOL : HRM_MAX_POOL).rawValue),
          kernel_h: Int32(pool.kernel[0]), kernel_w: Int32(pool.kernel[1]),
          stride_h: Int32(pool.strides[0]), stride_w: Int32(pool.strides[1]),
          dilation_h: Int32(pool.dilations[0]), dilation_w: Int32(pool.dilations[1]),
          pad_top: Int32(pool.pads[0]), pad_left: Int32(pool.pads[1]),
          pad_bottom: Int32(pool.pads[2]), pad_right: Int32(pool.pads[3]),
          count_include_pad: pool.countIncludePad ? 1 : 0, clamp_min: limits.min,
          clamp_max: limits.max, multiplier: factor.multiplier, shift: factor.shift)))
  }

  mutating func lower(_ reduction: Reduction, axes: [Int], _ node: Node) throws {
    let format = arithmetic(node)
    let sums = reduction == .mean || reduction == .sum
    let input = sums ? try inputFormat(node.inputs[0]!, for: format) : format
    let x = try tensor(node.inputs[0]!, as: input, for: node)
    var factor = FixedMultiplier(multiplier: 0, shift: 0)
    if sums && !format.isFloat {
      let shape = shape(node.inputs[0])
      let count = reduction == .mean ? axes.reduce(1) { $0 * shape[$1] } : 1
      factor = try FixedMultiplier(
        Double(input.scale) / (Double(format.scale) * Double(count)), .word, at: node.name)
    }
    let function =
      switch reduction {
      case .mean: HRM_REDUCE_MEAN
      case .sum: HRM_REDUCE_SUM
      case .max: HRM_REDUCE_MAX
      case .min: HRM_REDUCE_MIN
      }
    try emit(
      node, HRM_REDUCE, [x], format,
      parameterWords(
        hrm_reduce(
          function: Int32(function.rawValue), axes: axes.reduce(0) { $0 | 1 << Int32($1) },
          multiplier: factor.multiplier, shift: factor.shift)))
  }

  mutating func lowerNorm(
    _ node: Node, _ code: hrm_code, axes: Int, groups: Int, epsilon: Float
  ) throws {
    let format = arithmetic(node)
    let input = try inputFormat(node.inputs[0]!, for: format)
    let x = try tensor(node.inputs[0]!, as: input, for: node)
    let shape = shape(node.inputs[0])
    let count = code == HRM_GROUP_NORM ? shape.last! : shape.suffix(axes).reduce(1, *)
    func operand(_ position: Int, absent: Double) throws -> [Double] {
      guard position < node.inputs.count, let id = node.inputs[position] else {
        return Array(repeating: absent, count: count)
      }
      return try reals(id)
    }
    let gamma = try operand(1, absent: 1)
    let beta = try operand(2, absent: 0)
    var record = hrm_norm()
    record.axes = Int32(axes)
    record.groups = Int32(groups)
    var operands: [[UInt8]]
    if format.isFloat {
      record.epsilon = epsilon
      operands = [gamma, beta].map { bytes(of: $0.map { Float($0) }) }
    } else {
      let scaled = Double(epsilon) / (Double(input.scale) * Double(input.scale)) * 16_777_216
      guard scaled < 4.6e18 else {
        throw CompilerError("epsilon is too large beside the input's scale", at: node.name)
      }
      let bits = UInt64(max(scaled.rounded(), 0))
      record.epsilon_low = Int32(truncatingIfNeeded: bits)
      record.epsilon_high = Int32(truncatingIfNeeded: bits >> 32)
      let fixed = try Self.fixedNorm(gamma, beta, Double(format.scale), at: node.name)
      record.shift = fixed.shift
      operands = [bytes(of: fixed.gamma), bytes(of: fixed.beta)]
    }
    let kind = format.isFloat ? ElementFormat.float : .int32
    let constants = zip([".gamma", ".beta"], operands).map { suffix, data in
      model.addConstant(node.name + suffix, kind, dims: [count], data: data)
    }
    try emit(node, code, [x] + constants, format, parameterWords(record))
  }

  /// gamma and beta as `HRM_LAYER_NORM` reads them, and the shift that puts the largest gamma in
  /// 2^29 ... 2^30.
  static func fixedNorm(
    _ gamma: [Double], _ beta: [Double], _ scale: Double, at location: String
  ) throws -> (gamma: [Int32], beta: [Int32], shift: Int32) {
    let largest = gamma.reduce(0) { max($0, abs($1)) } / scale
    guard largest.isFinite, (gamma + beta).allSatisfy(\.isFinite) else {
      throw CompilerError("gamma or beta hold a value that is not finite", at: location)
    }
    var shift = 62
    if largest > 0 { shift = min(29 - Int(largest.exponent) + 16, 62) }
    guard shift >= 8 else {
      throw CompilerError("gamma is too large beside the output's scale", at: location)
    }
    let unit = Double(sign: .plus, exponent: shift - 16, significand: 1) / scale
    let limit = Double(Int32.max)
    return (
      gamma.map { Int32(($0 * unit).rounded()) },
      beta.map { Int32(min(max(($0 / scale * 256).rounded(), -limit), limit)) }, Int32(shift)
    )
  }
}
