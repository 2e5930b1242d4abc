import CHeadrace

extension Lowering {
  /// An operator that only moves elements: input and output have one format.
  mutating func move(_ node: Node, _ code: hrm_code, _ parameters: [Int32]) throws {
    let format = arithmetic(node)
    let x = try tensor(node.inputs[0]!, as: format, for: node)
    try emit(node, code, [x], format, parameters)
  }

  mutating func lowerConcat(_ node: Node, axis: Int) throws {
    let format = arithmetic(node, activations: Array(node.inputs.indices))
    let inputs = try node.inputs.map { try tensor($0!, as: format, for: node) }
    try emit(node, HRM_CONCAT, inputs, format, parameterWords(hrm_concat(axis: Int32(axis))))
  }

  mutating func lowerPad(_ node: Node, _ mode: PadMode, before: [Int], value: Float) throws {
    let format = arithmetic(node)
    let code =
      switch mode {
      case .constant: HRM_PAD_CONSTANT
      case .reflect: HRM_PAD_REFLECT
      case .edge: HRM_PAD_EDGE
      }
    let element =
      format.isFloat ? Int32(bitPattern: value.bitPattern) : Int32(format.element(Double(value)))
    try move(
      node, HRM_PAD,
      [Int32(code.rawValue), mode == .constant ? element : 0] + words(before))
  }

  mutating func lower(_ resize: Resize, _ node: Node) throws {
    let format = arithmetic(node)
    let x = try tensor(node.inputs[0]!, as: format, for: node)
    let (input, output) = (shape(node.inputs[0]), shape(node.outputs[0]))
    let tables = (0..<2).map { axis in
      let taps = ResizeTable.taps(
        resize, inputExtent: input[axis + 1], outputExtent: output[axis + 1],
        scale: resize.scales[axis])
      return model.addConstant(
        node.name + (axis == 0 ? ".rows" : ".columns"), .int32, dims: [taps.count, 3],
        data: bytes(of: ResizeTable.words(taps, float: format.isFloat)))
    }
    try emit(node, HRM_RESIZE, [x] + tables, format, [])
  }
}
