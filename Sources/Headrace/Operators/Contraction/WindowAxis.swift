import CHeadrace

/// How a window slides along one spatial axis. Tap `t` of output `o` reads input
/// `o * stride + t * dilation - padBefore`.
struct WindowAxis {
  let input: Int
  let output: Int
  let kernel: Int
  let stride: Int
  let dilation: Int
  let padBefore: Int

  /// Bounds on every field of a window that hrm.h does not bound otherwise.
  static var largestField: Int { 65535 }

  /// Checks the fields and that the output's extent follows from them. Afterwards no position that
  /// `tapInput` computes overflows 32 bits.
  init(
    _ op: OperatorView, input: Int, output: Int, kernel: Int, stride: Int32, dilation: Int32,
    padBefore: Int32, padAfter: Int32
  ) throws(Failure) {
    try WindowAxis.checkFields(op, kernel, stride, dilation, padBefore, padAfter)
    let reach = (Int64(kernel) - 1) * Int64(dilation)
    let padded = Int64(input) + Int64(padBefore) + Int64(padAfter)
    try op.require(padded <= Int64(Int32.max), "a padded input is too large")
    try op.require(
      padded > reach && (padded - reach - 1) / Int64(stride) + 1 == Int64(output),
      "an output's extent does not follow from input, kernel, stride, dilation and padding")
    self.init(input, output, kernel, stride, dilation, padBefore)
  }

  /// The fields of a verified operator.
  init(
    _ input: Int, _ output: Int, _ kernel: Int, _ stride: Int32, _ dilation: Int32,
    _ padBefore: Int32
  ) {
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = Int(stride)
    self.dilation = Int(dilation)
    self.padBefore = Int(padBefore)
  }

  static func checkFields(
    _ op: OperatorView, _ kernel: Int, _ stride: Int32, _ dilation: Int32, _ padBefore: Int32,
    _ padAfter: Int32
  ) throws(Failure) {
    let positive: ClosedRange<Int> = 1...largestField
    let padding: ClosedRange<Int> = 0...largestField
    try op.require(positive.contains(kernel), "a kernel's extent is out of range")
    try op.require(
      positive.contains(Int(stride)) && positive.contains(Int(dilation)),
      "a stride or dilation is out of range")
    try op.require(
      padding.contains(Int(padBefore)) && padding.contains(Int(padAfter)),
      "a padding is out of range")
  }

  /// The input that a tap reads, or nil in the padding.
  func tapInput(output: Int, tap: Int) -> Int? {
    let position = output &* stride &+ tap &* dilation &- padBefore
    return position >= 0 && position < input ? position : nil
  }

  /// Of `count` outputs whose tap reads `position`, `position + stride`, ...: those that read inside
  /// the input; may be empty.
  func outputsInside(_ position: Int, count: Int) -> Range<Int> {
    var first = 0
    if position < 0 { first = stride == 1 ? 0 &- position : (stride &- 1 &- position) / stride }
    let room = input &- position
    var end = 0
    if room > 0 { end = stride == 1 ? room : (room &+ stride &- 1) / stride }
    first = min(first, count)
    end = min(end, count)
    return first..<max(first, end)
  }

  /// The taps of an output that lie inside the input; may be empty.
  func tapsInside(output: Int) -> Range<Int> {
    let start = output &* stride &- padBefore
    let first = start >= 0 ? 0 : (dilation &- 1 &- start) / dilation
    let end = start >= input ? 0 : min(kernel, (input &- 1 &- start) / dilation &+ 1)
    return first..<max(first, end)
  }

  /// Whether no tap of these outputs lies in the padding.
  func isInside(outputs: Range<Int>) -> Bool {
    outputs.lowerBound &* stride >= padBefore
      && (outputs.upperBound &- 1) &* stride &+ (kernel &- 1) &* dilation &- padBefore < input
  }
}
