import CHeadrace

/// How a transposed convolution spreads along one spatial axis, seen from the output: output `o`
/// receives tap `t` of input `(o + padBefore - t * dilation) / stride` where that is whole.
struct SpreadAxis {
  /// Of the convolution that this is the transpose of: from what is the output here to what is the input.
  private let window: WindowAxis

  var input: Int { window.output }
  var output: Int { window.input }
  var kernel: Int { window.kernel }
  var stride: Int { window.stride }

  /// Checks the fields and that the output's extent follows from them, apart from what strides leave
  /// open (ONNX's output_padding).
  init(
    _ op: OperatorView, input: Int, output: Int, kernel: Int, stride: Int32, dilation: Int32,
    padBefore: Int32, padAfter: Int32
  ) throws(Failure) {
    try WindowAxis.checkFields(op, kernel, stride, dilation, padBefore, padAfter)
    let spread =
      (Int64(input) - 1) * Int64(stride) + (Int64(kernel) - 1) * Int64(dilation) + 1
    let padded = Int64(output) + Int64(padBefore) + Int64(padAfter)
    try op.require(
      padded <= Int64(Int32.max) && padded >= spread
        && padded < spread + Int64(max(stride, dilation)),
      "an output's extent does not follow from input, kernel, stride, dilation and padding")
    self.init(input, output, kernel, stride, dilation, padBefore)
  }

  /// The fields of a verified operator.
  init(
    _ input: Int, _ output: Int, _ kernel: Int, _ stride: Int32, _ dilation: Int32,
    _ padBefore: Int32
  ) {
    window = WindowAxis(output, input, kernel, stride, dilation, padBefore)
  }

  /// Whether outputs of this phase (modulo the stride) ever receive this tap.
  func reaches(output: Int, tap: Int) -> Bool {
    (output &+ window.padBefore &- tap &* window.dilation) % stride == 0
  }

  /// The input that spreads this tap to this output, or nil if there is none.
  func tapInput(output: Int, tap: Int) -> Int? {
    let position = output &+ window.padBefore &- tap &* window.dilation
    guard position >= 0, position % stride == 0, position / stride < input else { return nil }
    return position / stride
  }
}
