extension ConstantEvaluation {
  static func binary(
    _ function: Binary, _ clamp: Clamp?, _ operands: [Value], shape: [Int]
  ) -> Constant? {
    guard operands.count == 2 else { return nil }
    let spread = operands.map { operand in
      operand.constant?.strided(
        offset: 0, strides: broadcastStrides(operand.shape, to: shape), shape: shape)
    }
    if case (.int64(let a)?, .int64(let b)?) = (spread[0], spread[1]) {
      var result: [Int64] = []
      for (p, q) in zip(a, b) {
        guard let value = integer(function, p, q) else { return nil }
        result.append(value)
      }
      return .int64(result)
    }
    let reals = operands.compactMap { operand -> [Float]? in
      guard let elements = operand.realElements else { return nil }
      let strides = broadcastStrides(operand.shape, to: shape)
      guard
        case .float(let all) = Constant.float(elements).strided(
          offset: 0, strides: strides, shape: shape)
      else { return nil }
      return all
    }
    guard reals.count == 2 else { return nil }
    return .float(
      zip(reals[0], reals[1]).map { p, q in
        let value = Float(function.evaluate(Double(p), Double(q)))
        return clamp.map { min(max(value, $0.min), $0.max) } ?? value
      })
  }

  /// Integer arithmetic as ONNX has it (division rounds towards zero); nil where it is not defined.
  private static func integer(_ function: Binary, _ p: Int64, _ q: Int64) -> Int64? {
    let (value, overflow): (Int64, Bool) =
      switch function {
      case .add: p.addingReportingOverflow(q)
      case .sub: p.subtractingReportingOverflow(q)
      case .mul: p.multipliedReportingOverflow(by: q)
      case .div: p.dividedReportingOverflow(by: q)
      case .min: (min(p, q), false)
      case .max: (max(p, q), false)
      case .pow, .squaredDifference: (0, true)
      }
    return overflow ? nil : value
  }

  static func unary(_ function: Unary, _ elements: [Int64]) -> [Int64]? {
    switch function {
    case .neg: elements.map { 0 &- $0 }
    case .abs: elements.map { $0 < 0 ? 0 &- $0 : $0 }
    case .floor, .ceil, .round: elements
    case .clamp(.relu): elements.map { max($0, 0) }
    default: nil
    }
  }
}
