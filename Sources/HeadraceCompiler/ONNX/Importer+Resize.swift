import Foundation

/// Resize, Upsample, DepthToSpace and SpaceToDepth.
extension Importer {
  mutating func importResize(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let listed = try node.ints("axes")
    let axes = try node.axes(listed ?? Array(extents.indices), rank: extents.count)
    func operand(_ index: Int) throws -> ValueID? {
      guard let value = try optionalInput(node, index), shape(value) != [0] else { return nil }
      return value
    }
    var scales = extents.map { _ in 1.0 }
    var output = extents
    if let sizes = try operand(3) {
      let wanted = try constantInts(sizes, "sizes", node)
      guard wanted.count == axes.count,
        wanted.allSatisfy({ (1...Limits.elements).contains($0) })
      else { throw node.error("sizes \(wanted) do not fit shape \(extents)") }
      for (index, axis) in axes.enumerated() {
        output[axis] = wanted[index]
        scales[axis] = Double(Float(wanted[index]) / Float(extents[axis]))
      }
      try keepAspectRatio(&output, &scales, extents: extents, axes: axes, node)
    } else if let given = try operand(2) {
      let factors = try constantFloats(given, "scales", node)
      guard factors.count == axes.count else {
        throw node.error("\(factors.count) scales for \(axes.count) axes")
      }
      for (index, axis) in axes.enumerated() {
        (output[axis], scales[axis]) = try scaledExtent(extents[axis], by: factors[index], node)
      }
    } else {
      throw node.error("it has neither scales nor sizes")
    }
    guard try !node.flag("antialias"), try !node.flag("exclude_outside") else {
      throw node.error("antialias and exclude_outside are not supported")
    }
    let coordinates = try coordinates(node, extents: extents, output: output, scales: scales)
    let roundings: [String: Resize.Rounding] = [
      "round_prefer_floor": .preferFloor, "round_prefer_ceil": .preferCeil, "floor": .floor,
      "ceil": .ceil,
    ]
    let name = try node.string("nearest_mode", default: "round_prefer_floor")
    guard let rounding = roundings[name] else { throw node.error("nearest_mode '\(name)'") }
    try resize(x, to: output, scales: scales, coordinates: coordinates, rounding: rounding, node)
  }

  mutating func importUpsample(_ node: OnnxNode) throws {
    let x = try input(node, 0)
    let extents = shape(x)
    let factors = try constantFloats(input(node, 1), "scales", node)
    guard factors.count == extents.count else {
      throw node.error("\(factors.count) scales for \(extents.count) axes")
    }
    var output = extents
    var scales = extents.map { _ in 1.0 }
    for axis in extents.indices {
      (output[axis], scales[axis]) = try scaledExtent(extents[axis], by: factors[axis], node)
    }
    try resize(x, to: output, scales: scales, coordinates: .asymmetric, rounding: .floor, node)
  }

  private func scaledExtent(
    _ extent: Int, by factor: Float, _ node: OnnxNode
  ) throws -> (Int, Double) {
    let result = (Float(extent) * factor).rounded(.down)
    guard factor > 0, result >= 1, result <= Float(Limits.elements) else {
      throw node.error("extent \(extent) cannot be scaled by \(factor)")
    }
    return (Int(result), Double(factor))
  }

  private func keepAspectRatio(
    _ output: inout [Int], _ scales: inout [Double], extents: [Int], axes: [Int], _ node: OnnxNode
  ) throws {
    let policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
    guard policy != "stretch" else { return }
    guard policy == "not_larger" || policy == "not_smaller" else {
      throw node.error("keep_aspect_ratio_policy '\(policy)'")
    }
    let factors = axes.map { scales[$0] }
    let factor = (policy == "not_larger" ? factors.min() : factors.max()) ?? 1
    for axis in axes {
      let extent = (Double(extents[axis]) * factor).rounded()
      guard extent >= 1, extent <= Double(Limits.elements) else {
        throw node.error("extent \(extents[axis]) cannot be scaled by \(factor)")
      }
      output[axis] = Int(extent)
      scales[axis] = factor
    }
  }

  private func coordinates(
    _ node: OnnxNode, extents: [Int], output: [Int], scales: [Double]
  ) throws -> Resize.Coordinates {
    let name = try node.string("coordinate_transformation_mode", default: "half_pixel")
    switch name {
    case "half_pixel": return .halfPixel
    case "pytorch_half_pixel": return .pytorchHalfPixel
    case "align_corners": return .alignCorners
    case "asymmetric": return .asymmetric
    case "half_pixel_symmetric":
      // The same as half_pixel where the scales are exact quotients of the extents.
      let exact = extents.indices.allSatisfy {
        Double(extents[$0]) * scales[$0] == Double(output[$0])
      }
      if exact { return .halfPixel }
      fallthrough
    default:
      throw node.error(
        "coordinate_transformation_mode '\(name)' is not supported; use half_pixel, "
          + "pytorch_half_pixel, align_corners or asymmetric")
    }
  }

  private mutating func resize(
    _ x: ValueID, to output: [Int], scales: [Double], coordinates: Resize.Coordinates,
    rounding: Resize.Rounding, _ node: OnnxNode
  ) throws {
    let extents = shape(x)
    if output == extents, scales.allSatisfy({ $0 == 1 }) { return try bind(x, node) }
    guard extents.count == 3 || extents.count == 4, output.prefix(2) == extents.prefix(2) else {
      throw node.error("only the spatial axes of N x C x H x W or N x C x T can be resized")
    }
    let modes: [String: Resize.Mode] = [
      "nearest": .nearest, "linear": .bilinear, "bilinear": .bilinear,
    ]
    let name = try node.string("mode", default: "nearest")
    guard let mode = modes[name] else {
      throw node.error("mode '\(name)' is not supported; use nearest or linear")
    }
    let spatial = extents.count == 3 ? [1, scales[2]] : [scales[2], scales[3]]
    let height = extents.count == 3 ? 1 : output[2]
    let result = try onImages(x, node) { importer, image in
      try importer.emit(
        .resize(Resize(mode: mode, coordinates: coordinates, rounding: rounding, scales: spatial)),
        [image], shape: [output[0], output[1], height, output[output.count - 1]], node)
    }
    try bind(result, node)
  }

  mutating func importDepthToSpace(_ node: OnnxNode) throws {
    let (x, block) = try blockOperand(node)
    let extents = shape(x)
    let mode = try node.string("mode", default: "DCR")
    guard mode == "DCR" || mode == "CRD" else { throw node.error("mode '\(mode)'") }
    guard extents[1] % (block * block) == 0 else {
      throw node.error("\(extents[1]) channels do not make blocks of \(block) x \(block)")
    }
    let result = try emit(
      .depthToSpace(block: block, columnRowDepth: mode == "CRD"), [x],
      shape: [
        extents[0], extents[1] / (block * block), extents[2] * block, extents[3] * block,
      ], node)
    try bind(result, node)
  }

  mutating func importSpaceToDepth(_ node: OnnxNode) throws {
    let (x, block) = try blockOperand(node)
    let extents = shape(x)
    guard extents[2] % block == 0, extents[3] % block == 0 else {
      throw node.error("\(extents[2]) x \(extents[3]) does not divide into blocks of \(block)")
    }
    let result = try emit(
      .spaceToDepth(block: block), [x],
      shape: [
        extents[0], extents[1] * block * block, extents[2] / block, extents[3] / block,
      ], node)
    try bind(result, node)
  }

  private func blockOperand(_ node: OnnxNode) throws -> (ValueID, Int) {
    let x = try input(node, 0)
    let block = try node.int("blocksize")
    guard shape(x).count == 4, (1...1024).contains(block) else {
      throw node.error("it needs N x C x H x W and a block size; got \(shape(x)) and \(block)")
    }
    return (x, block)
  }
}
