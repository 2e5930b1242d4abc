import CHeadrace
import Foundation

extension Lowering {
  mutating func lower(_ unary: Unary, _ node: Node) throws {
    let format = arithmetic(node)
    let input = try inputFormat(node.inputs[0]!, for: format)
    let x = try tensor(node.inputs[0]!, as: input, for: node)
    guard format.isFloat else {
      try emitLookup(node, x, from: input, to: format, unary.evaluate)
      return
    }
    let (function, a, b) = unary.record
    try emit(
      node, HRM_UNARY, [x], .float,
      parameterWords(hrm_unary(function: Int32(function.rawValue), a: a, b: b)))
  }

  private mutating func emitLookup(
    _ node: Node, _ x: Int, from input: ElementFormat, to output: ElementFormat,
    _ function: (Double) -> Double
  ) throws {
    let table = model.addConstant(
      node.name + ".table", ElementFormat(type: output.type),
      dims: [output.type == HRM_INT8 ? 256 : 513],
      data: LookupTable.data(from: input, to: output, function))
    try emit(node, HRM_LOOKUP, [x, table], output, [])
  }

  mutating func lowerPRelu(_ node: Node) throws {
    let format = arithmetic(node)
    let input = try inputFormat(node.inputs[0]!, for: format)
    let x = try tensor(node.inputs[0]!, as: input, for: node)
    let slopes = try reals(node.inputs[1]!)
    let name = graph.values[node.inputs[1]!].name
    guard !format.isFloat else {
      let slope = model.addConstant(
        name, .float, dims: [slopes.count], data: bytes(of: slopes.map { Float($0) }))
      try emit(node, HRM_PRELU, [x, slope], .float, [])
      return
    }
    let ratio = Double(input.scale) / Double(format.scale)
    let factors = try slopes.map { try FixedMultiplier(abs($0) * ratio, .word, at: node.name) }
    let signed = zip(factors, slopes).map { $1 < 0 ? -$0.multiplier : $0.multiplier }
    let slope = model.addConstant(
      name, .int32, dims: [2, slopes.count], data: bytes(of: signed + factors.map { $0.shift }))
    let identity = try FixedMultiplier(ratio, .word, at: node.name)
    try emit(
      node, HRM_PRELU, [x, slope], format,
      parameterWords(hrm_prelu(multiplier: identity.multiplier, shift: identity.shift)))
  }

  mutating func lower(_ binary: Binary, _ node: Node, _ clamp: Clamp?) throws {
    if try lowerWithScalar(binary, node, clamp) { return }
    let hasFixedPoint = binary != .pow && binary != .squaredDifference
    let format = hasFixedPoint ? arithmetic(node, activations: [0, 1]) : .float
    let (a, b) = (node.inputs[0]!, node.inputs[1]!)
    let formats = (try inputFormat(a, for: format), try inputFormat(b, for: format))
    let left = try tensor(a, as: formats.0, for: node)
    let right = try tensor(b, as: formats.1, for: node)
    var record = try binary.record(formats.0, formats.1, format, at: node.name)
    let limits = format.limits(clamp)
    record.clamp_min = limits.min
    record.clamp_max = limits.max
    try emit(node, HRM_BINARY, [left, right], format, parameterWords(record))
  }

  /// A fixed-point operation with one constant number is a table. False: this is not one.
  private mutating func lowerWithScalar(
    _ binary: Binary, _ node: Node, _ clamp: Clamp?
  ) throws -> Bool {
    let format = arithmetic(node, activations: [0, 1])
    guard !format.isFloat else { return false }
    for (constant, other) in [(1, 0), (0, 1)] {
      let (scalar, variable) = (node.inputs[constant]!, node.inputs[other]!)
      guard graph.values[scalar].constant != nil, graph.values[variable].constant == nil,
        graph.values[scalar].elementCount == 1, shape(variable) == shape(node.outputs[0])
      else { continue }
      let number = try reals(scalar)[0]
      let limit = Unary.clamp(clamp ?? Clamp(min: -.infinity, max: .infinity))
      let input = try inputFormat(variable, for: format)
      let x = try tensor(variable, as: input, for: node)
      try emitLookup(node, x, from: input, to: format) {
        limit.evaluate(constant == 1 ? binary.evaluate($0, number) : binary.evaluate(number, $0))
      }
      return true
    }
    return false
  }

  /// The runtime's softmax runs over the last axis and has one output format for each type.
  mutating func lowerSoftmax(_ node: Node, axis: Int) throws {
    let declared = arithmetic(node)
    let input = try inputFormat(node.inputs[0]!, for: declared)
    var x = try tensor(node.inputs[0]!, as: input, for: node)
    let natural =
      switch declared.type {
      case HRM_INT8: ElementFormat(type: HRM_INT8, scale: 1 / 256, zeroPoint: -128)
      case HRM_INT16: ElementFormat(type: HRM_INT16, scale: 1 / 32768)
      default: ElementFormat.float
      }
    var inputs: [Int?] = []
    var factor = FixedMultiplier(multiplier: 0, shift: 0)
    if !declared.isFloat {
      let table =
        declared.type == HRM_INT8
        ? SoftmaxTable.int8(scale: Double(input.scale)) : SoftmaxTable.int16()
      inputs.append(
        model.addConstant(
          node.name + ".table", .int32, dims: [table.count], data: bytes(of: table)))
      if declared.type == HRM_INT16 {
        factor = try FixedMultiplier(Double(input.scale) * 16384, .word, at: node.name)
      }
    }
    let parameters = parameterWords(
      hrm_softmax(multiplier: factor.multiplier, shift: factor.shift))
    let shape = shape(node.outputs[0])
    guard axis != shape.count - 1 else {
      try emit(node, HRM_SOFTMAX, [x] + inputs, natural, parameters)
      return
    }
    var permutation = Array(shape.indices)
    permutation.swapAt(axis, shape.count - 1)
    let turned = permutation.map { shape[$0] }
    let before = addIntermediate(node.name + ".transposed", turned, input)
    emit(HRM_TRANSPOSE, node.name, [x], before, words(permutation))
    x = addIntermediate(node.name + ".softmax", turned, natural)
    emit(HRM_SOFTMAX, node.name, [before] + inputs, x, parameters)
    try emit(node, HRM_TRANSPOSE, [x], natural, words(permutation))
  }
}

extension Binary {
  /// Without the clamp.
  fileprivate func record(
    _ a: ElementFormat, _ b: ElementFormat, _ y: ElementFormat, at location: String
  ) throws -> hrm_binary {
    var record = hrm_binary()
    record.function = Int32(code.rawValue)
    guard !y.isFloat else { return record }
    let scales = (a: Double(a.scale), b: Double(b.scale), y: Double(y.scale))
    func factor(_ real: Double) throws -> FixedMultiplier {
      try FixedMultiplier(real, .word, at: location)
    }
    var result = FixedMultiplier(multiplier: 0, shift: 0)
    var left = result
    var right = result
    switch self {
    case .add, .sub:
      // Both operands in units of twice the larger scale, with bits to spare below the point.
      record.left_shift = y.type == HRM_INT16 ? 15 : 20
      let unit = 2 * Swift.max(scales.a, scales.b)
      left = try factor(scales.a / unit)
      right = try factor(scales.b / unit)
      result = try factor(unit / (Double(1 << record.left_shift) * scales.y))
    case .min, .max:
      left = try factor(scales.a / scales.y)
      right = try factor(scales.b / scales.y)
    case .mul: result = try factor(scales.a * scales.b / scales.y)
    case .div: result = try factor(scales.a / (scales.b * scales.y * 32768))
    case .pow, .squaredDifference: break
    }
    (record.multiplier, record.shift) = (result.multiplier, result.shift)
    (record.multiplier_a, record.shift_a) = (left.multiplier, left.shift)
    (record.multiplier_b, record.shift_b) = (right.multiplier, right.shift)
    return record
  }

  private var code: hrm_binary_function {
    switch self {
    case .add: HRM_ADD
    case .sub: HRM_SUB
    case .mul: HRM_MUL
    case .div: HRM_DIV
    case .min: HRM_MIN
    case .max: HRM_MAX
    case .pow: HRM_POW
    case .squaredDifference: HRM_SQUARED_DIFFERENCE
    }
  }
}

extension Unary {
  /// As `hrm_unary` records it: the function and its parameters a and b.
  fileprivate var record: (hrm_function, Float, Float) {
    switch self {
    case .clamp(let clamp): (HRM_CLAMP, clamp.min, clamp.max)
    case .leakyRelu(let slope): (HRM_LEAKY_RELU, slope, 0)
    case .elu(let alpha): (HRM_ELU, alpha, 0)
    case .selu(let alpha, let gamma): (HRM_SELU, alpha, gamma)
    case .sigmoid: (HRM_SIGMOID, 0, 0)
    case .tanh: (HRM_TANH, 0, 0)
    case .hardSigmoid(let alpha, let beta): (HRM_HARD_SIGMOID, alpha, beta)
    case .hardSwish: (HRM_HARD_SWISH, 0, 0)
    case .gelu: (HRM_GELU, 0, 0)
    case .geluTanh: (HRM_GELU_TANH, 0, 0)
    case .sqrt: (HRM_SQRT, 0, 0)
    case .exp: (HRM_EXP, 0, 0)
    case .log: (HRM_LOG, 0, 0)
    case .abs: (HRM_ABS, 0, 0)
    case .neg: (HRM_NEG, 0, 0)
    case .reciprocal: (HRM_RECIPROCAL, 0, 0)
    case .softplus: (HRM_SOFTPLUS, 0, 0)
    case .erf: (HRM_ERF, 0, 0)
    case .swish: (HRM_SWISH, 0, 0)
    case .power(let exponent): (HRM_POWER, exponent, 0)
    case .floor: (HRM_FLOOR, 0, 0)
    case .ceil: (HRM_CEIL, 0, 0)
    case .round: (HRM_ROUND, 0, 0)
    case .sin: (HRM_SIN, 0, 0)
    case .cos: (HRM_COS, 0, 0)
    case .affine(let scale, let offset): (HRM_AFFINE, scale, offset)
    case .softsign: (HRM_SOFTSIGN, 0, 0)
    }
  }
}
