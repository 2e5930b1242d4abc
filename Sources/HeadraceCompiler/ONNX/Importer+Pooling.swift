/// MaxPool, AveragePool and the global pools.
extension Importer {
  mutating func importPool(_ function: Pool.Function, _ node: OnnxNode) throws {
    try refuseFurtherOutputs(node)
    guard node.has("kernel_shape") else { throw node.error("attribute kernel_shape is missing") }
    let result = try onImages(try input(node, 0), node) { importer, x in
      try importer.pool(x, function, node)
    }
    try bind(result, node)
  }

  private mutating func pool(
    _ x: ValueID, _ function: Pool.Function, _ node: OnnxNode
  ) throws -> ValueID {
    var x = x
    var input = shape(x)
    var window = Window(
      kernel: try spatial(node, "kernel_shape", in: 1...Limits.window, default: 1),
      strides: try spatial(node, "strides", in: 1...Limits.window, default: 1),
      dilations: try spatial(node, "dilations", in: 1...Limits.window, default: 1),
      pads: try spatialPads(node), roundsUp: try node.flag("ceil_mode"))
    try window.applyAutoPad(node, extents: [input[2], input[3]])
    var pool = Pool(function, kernel: window.kernel)
    pool.countIncludePad = try function == .average && node.flag("count_include_pad")
    guard function == .max || window.dilations == [1, 1] else {
      throw node.error("average pools with dilations are not supported")
    }
    for axis in 0..<2 {
      guard window.pads[axis] < window.span(axis), window.pads[axis + 2] < window.span(axis) else {
        throw node.error("its padding \(window.pads) is not smaller than its window")
      }
    }
    let output = try window.outputExtents([input[2], input[3]], node)
    // A window that rounding up adds may reach beyond the padding. Nothing there ever counts.
    let reach = (0..<2).map { axis in
      max(
        (output[axis] - 1) * window.strides[axis] + window.span(axis) - input[axis + 2]
          - window.pads[axis] - window.pads[axis + 2], 0)
    }
    if reach != [0, 0], pool.countIncludePad {
      let pads = window.pads
      input[2] += pads[0] + pads[2]
      input[3] += pads[1] + pads[3]
      x = try emit(
        .pad(
          mode: .constant, before: [0, 0, pads[0], pads[1]], after: [0, 0, pads[2], pads[3]],
          value: 0), [x], shape: input, node)
      window.pads = [0, 0, 0, 0]
      pool.countIncludePad = false
    }
    pool.strides = window.strides
    pool.dilations = window.dilations
    pool.pads = window.pads
    pool.pads[2] += reach[0]
    pool.pads[3] += reach[1]
    return try emit(.pool(pool), [x], shape: [input[0], input[1], output[0], output[1]], node)
  }

  mutating func importGlobalPool(_ reduction: Reduction, _ node: OnnxNode) throws {
    let x = try input(node, 0)
    let shape = shape(x)
    guard shape.count >= 3 else {
      throw node.error("its input has rank \(shape.count); it needs spatial axes")
    }
    let result = try emit(
      .reduce(reduction, axes: Array(2..<shape.count)), [x],
      shape: shape.prefix(2) + shape.dropFirst(2).map { _ in 1 }, node)
    try bind(result, node)
  }
}
