/// What operations compute when all their operands are constants.
enum ConstantEvaluation {
  struct Result {
    var constant: Constant
    var quantization: Quantization?
  }

  /// The result of shape `shape`, or nil if this operation is not evaluated here. Shapes have been
  /// checked against each other by whoever made the node.
  static func evaluate(_ operation: Operation, _ operands: [Value], shape: [Int]) -> Result? {
    guard let count = Limits.elementCount(shape), count <= Limits.foldedElementsInAll,
      let x = operands.first, let constant = x.constant
    else { return nil }
    switch operation {
    case .reshape:
      guard let quantization = x.quantization else { return Result(constant: constant) }
      return reshaped(quantization, from: x.shape, to: shape).map {
        Result(constant: constant, quantization: $0)
      } ?? x.realElements.map { Result(constant: .float($0)) }
    case .transpose(let permutation):
      let strides = rowMajorStrides(x.shape)
      var quantization = x.quantization
      quantization?.axis = x.quantization?.axis.flatMap { permutation.firstIndex(of: $0) }
      return Result(
        constant: constant.strided(
          offset: 0, strides: permutation.map { strides[$0] }, shape: shape),
        quantization: quantization)
    case .slice(let begin, let step):
      guard x.quantization?.axis == nil else {
        guard let real = x.realElements else { return nil }
        let plain = Value(name: x.name, shape: x.shape, constant: .float(real))
        return evaluate(operation, [plain], shape: shape)
      }
      let strides = rowMajorStrides(x.shape)
      let offset = zip(begin, strides).reduce(0) { $0 + $1.0 * $1.1 }
      return Result(
        constant: constant.strided(
          offset: offset, strides: zip(strides, step).map { $0 * $1 }, shape: shape),
        quantization: x.quantization)
    case .concat(let axis): return concatenate(operands, axis: axis).map { Result(constant: $0) }
    case .binary(let function, let clamp):
      return binary(function, clamp, operands, shape: shape).map { Result(constant: $0) }
    case .unary(let function):
      guard let real = x.realElements else {
        guard case .int64(let integers) = constant else { return nil }
        return self.unary(function, integers).map { Result(constant: .int64($0)) }
      }
      return Result(constant: .float(real.map { Float(function.evaluate(Double($0))) }))
    case .reduce(let reduction, let axes):
      return reduce(reduction, axes: axes, x, shape: shape).map { Result(constant: $0) }
    case .pad(.constant, let before, _, let value):
      guard let real = x.realElements else { return nil }
      var result = Array(repeating: value, count: count)
      let strides = rowMajorStrides(shape)
      let offset = zip(before, strides).reduce(0) { $0 + $1.0 * $1.1 }
      var source = 0
      forEachOffset(offset: offset, strides: strides, shape: x.shape) { position in
        result[position] = real[source]
        source += 1
      }
      return Result(constant: .float(result))
    default: return nil
    }
  }

  static func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The strides that read a tensor of shape `source` as if it had `target`, to which it broadcasts.
  static func broadcastStrides(_ source: [Int], to target: [Int]) -> [Int] {
    let strides = rowMajorStrides(source)
    let missing = target.count - source.count
    return target.indices.map { axis in
      let own = axis - missing
      return own < 0 || source[own] == 1 ? 0 : strides[own]
    }
  }

  /// Calls `body` with the offset of each index of `shape` in row-major order.
  static func forEachOffset(
    offset: Int, strides: [Int], shape: [Int], _ body: (Int) -> Void
  ) {
    guard !shape.contains(0) else { return }
    var index = shape.map { _ in 0 }
    var position = offset
    while true {
      body(position)
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < shape[axis] { break }
        position -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// The scales of a reshaped constant, if their axis is still there.
  private static func reshaped(
    _ quantization: Quantization, from source: [Int], to target: [Int]
  ) -> Quantization? {
    guard let axis = quantization.axis else { return quantization }
    let outer = source[..<axis].reduce(1, *)
    var result = quantization
    for candidate in target.indices where target[candidate] == source[axis] {
      if target[..<candidate].reduce(1, *) == outer {
        result.axis = candidate
        return result
      }
    }
    return nil
  }

  private static func concatenate(_ operands: [Value], axis: Int) -> Constant? {
    func join<T>(_ parts: [[T]]) -> [T] {
      var result: [T] = []
      let outer = operands[0].shape[..<axis].reduce(1, *)
      let runs = operands.map { $0.shape[axis...].reduce(1, *) }
      for index in 0..<outer {
        for (part, run) in zip(parts, runs) { result += part[index * run..<(index + 1) * run] }
      }
      return result
    }
    let reals = operands.compactMap(\.realElements)
    if reals.count == operands.count { return .float(join(reals)) }
    let integers = operands.compactMap { operand -> [Int64]? in
      if case .int64(let elements)? = operand.constant { elements } else { nil }
    }
    return integers.count == operands.count ? .int64(join(integers)) : nil
  }

  private static func reduce(
    _ reduction: Reduction, axes: [Int], _ x: Value, shape: [Int]
  ) -> Constant? {
    guard let real = x.realElements, !x.shape.contains(0) else { return nil }
    // Strides into the result: reduced axes stay in place.
    let target = rowMajorStrides(shape)
    let strides = x.shape.indices.map { axes.contains($0) ? 0 : target[$0] }
    let start =
      switch reduction {
      case .mean, .sum: 0.0
      case .max: -Double.infinity
      case .min: Double.infinity
      }
    var result = Array(repeating: start, count: shape.reduce(1, *))
    var source = 0
    forEachOffset(offset: 0, strides: strides, shape: x.shape) { position in
      let element = Double(real[source])
      source += 1
      switch reduction {
      case .mean, .sum: result[position] += element
      case .max: result[position] = max(result[position], element)
      case .min: result[position] = min(result[position], element)
      }
    }
    if reduction == .mean {
      let count = Double(real.count / result.count)
      result = result.map { $0 / count }
    }
    return .float(result.map { Float($0) })
  }
}

extension Constant {
  /// The elements at `offset` plus multiples of `strides`, in row-major order of `shape`.
  func strided(offset: Int, strides: [Int], shape: [Int]) -> Constant {
    func pick<T>(_ elements: [T]) -> [T] {
      var result: [T] = []
      result.reserveCapacity(shape.reduce(1, *))
      ConstantEvaluation.forEachOffset(offset: offset, strides: strides, shape: shape) {
        result.append(elements[$0])
      }
      return result
    }
    return switch self {
    case .float(let elements): .float(pick(elements))
    case .int64(let elements): .int64(pick(elements))
    case .quantized(let elements): .quantized(pick(elements))
    }
  }
}
