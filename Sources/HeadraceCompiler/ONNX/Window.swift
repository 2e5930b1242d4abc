/// A sliding window over H and W: the geometry of convolutions and pools.
struct Window {
  /// [h, w] each
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  /// top, left, bottom, right
  var pads: [Int]
  var roundsUp = false

  /// Pixels that the kernel spans along `axis`.
  func span(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }

  /// Replaces the padding as ONNX's `auto_pad` asks.
  mutating func applyAutoPad(_ node: OnnxNode, extents: [Int]) throws {
    let mode = try node.string("auto_pad", default: "NOTSET")
    switch mode {
    case "NOTSET", "": break
    case "VALID": pads = [0, 0, 0, 0]
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<2 {
        let output = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = max((output - 1) * strides[axis] + span(axis) - extents[axis], 0)
        let before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        pads[axis] = before
        pads[axis + 2] = total - before
      }
    default: throw node.error("auto_pad '\(mode)' is not one of ONNX's")
    }
  }

  /// How many positions the window has along H and W.
  func outputExtents(_ extents: [Int], _ node: OnnxNode) throws -> [Int] {
    try (0..<2).map { axis in
      let room = extents[axis] + pads[axis] + pads[axis + 2] - span(axis)
      guard room >= 0 else {
        throw node.error(
          "a window of \(span(axis)) does not fit \(extents[axis]) elements padded by "
            + "\(pads[axis]) and \(pads[axis + 2])")
      }
      var output = room / strides[axis] + 1
      if roundsUp, room % strides[axis] != 0,
        output * strides[axis] < extents[axis] + pads[axis]
      {
        output += 1  // The last window must begin within the input or its leading padding.
      }
      return output
    }
  }
}
