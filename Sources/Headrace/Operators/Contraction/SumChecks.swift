import CHeadrace

/// What convolution and dense operators check alike: weights, bias, requantization and clamps, and
/// that no sum can overflow.
struct SumChecks {
  let op: OperatorView
  /// Eight times the number of blocks of output channels.
  let paddedChannels: Int

  /// The first input and the first output are activations of the same type, with zero points that
  /// fit. Returns them.
  static func activations(
    _ op: OperatorView, inputs: ClosedRange<Int>
  ) throws(Failure) -> (x: hrm_tensor, y: hrm_tensor) {
    try op.require(
      inputs.contains(op.inputCount) && op.outputCount == 1, "a wrong number of operands")
    for position in 0..<inputs.lowerBound {
      try op.require(op.optionalInput(position) != nil, "an operand is missing")
    }
    let x = op.input(0).pointee
    let y = op.output().pointee
    try op.require(x.isActivation && x.type == y.type, "operands differ in type")
    try checkZeroPoint(op, x)
    try checkZeroPoint(op, y)
    return (x, y)
  }

  /// A convolution or transposed convolution, but for how its extents go together.
  @inline(never)
  static func checkConvolution(_ op: OperatorView) throws(Failure) {
    let (x, y) = try activations(op, inputs: 2...4)
    let conv = op.parameters(hrm_conv.self)
    try op.require(x.rank == 4 && y.rank == 4, "operands of a convolution have rank 4")
    try op.require(x.batch == y.batch, "batches differ")
    try checkClamps(op, y, conv.clamp_min, conv.clamp_max)
    let groups = Int(conv.groups)
    try op.require(
      groups >= 1 && x.channels % groups == 0 && y.channels % groups == 0,
      "groups do not divide the channels")
    try checkTaps(op, conv.kernel_h, conv.kernel_w)
    try checkBlocks(
      op, x, outputs: y.channels, groups: groups,
      depth: Int64(conv.kernel_h) * Int64(conv.kernel_w) * Int64(x.channels / groups))
  }

  /// float32 and int16 have zero point 0, int8 any that int8 holds.
  static func checkZeroPoint(_ op: OperatorView, _ tensor: hrm_tensor) throws(Failure) {
    let fits = tensor.isInt8 ? -128...127 : Int32(0)...0
    try op.require(fits.contains(tensor.zero_point), "a zero point is out of range")
  }

  /// Clamps are in order and fit the output's type.
  static func checkClamps(
    _ op: OperatorView, _ type: hrm_tensor, _ low: Int32, _ high: Int32
  ) throws(Failure) {
    if type.isFloat {
      let low = Float(bitPattern: UInt32(bitPattern: low))
      let high = Float(bitPattern: UInt32(bitPattern: high))
      try op.require(low <= high, "clamps are not in order")
    } else {
      let limits: ClosedRange<Int32> = type.isInt8 ? -128...127 : -32768...32767
      try op.require(
        low <= high && limits.contains(low) && limits.contains(high),
        "clamps are not in order or do not fit the output")
    }
  }

  /// Weights are a constant of the type that goes with the activations.
  static func checkWeights(
    _ op: OperatorView, _ weights: hrm_tensor, _ x: hrm_tensor, rank: UInt8
  ) throws(Failure) {
    try op.require(weights.isConstant && weights.rank == rank, "weights are not packed as expected")
    try op.require(
      x.isFloat ? weights.isFloat : weights.isInt8, "weights are not of the type expected")
  }

  /// Weights in blocks of eight output channels, `depth` of a channel, and what goes with them.
  static func checkBlocks(
    _ op: OperatorView, _ x: hrm_tensor, outputs: Int, groups: Int, depth: Int64
  ) throws(Failure) {
    let weights = op.input(1).pointee
    try checkWeights(op, weights, x, rank: x.isFloat ? 3 : 4)
    let run = StripLayout.weightRun(x)
    let blocks = Int64(groups) * ((Int64(outputs / groups) + 7) / 8)
    try op.require(
      Int64(weights[dim: 0]) == blocks
        && Int64(weights[dim: 1]) == (depth + Int64(run) - 1) / Int64(run)
        && weights[dim: 2] == 8 && (x.isFloat || weights[dim: 3] == run),
      "weights are not packed as expected")
    if !x.isFloat { try checkPadding(op, weights, weightsOfChannel: Int(depth)) }
    let checks = SumChecks(op: op, paddedChannels: weights[dim: 0] * 8)
    try checks.checkBiasAndRequant(
      x, rows: weights[dim: 1], rowStep: 8 * run, blockStep: weights[dim: 1] * 8 * run, run: run)
  }

  /// What stands behind a channel's last weight is zero: kernels multiply it by whatever lies behind a
  /// pixel's inputs.
  private static func checkPadding(
    _ op: OperatorView, _ weights: hrm_tensor, weightsOfChannel: Int
  ) throws(Failure) {
    let run = Int(HRM_QUAD)
    let used = weightsOfChannel % run
    guard used != 0 else { return }
    let quads = op.constant(op.input(1), as: UInt32.self)
    // Little-endian: a quad's last weights are its highest bytes.
    let padding = UInt32.max &<< UInt32(8 * used)
    for block in 1...weights[dim: 0] {
      let last = quads + (block * weights[dim: 1] - 1) * 8
      for channel in 0..<8 {
        try op.require(last[channel] & padding == 0, "weights are not padded with zeros")
      }
    }
  }

  /// A kernel's taps are few enough to list in scratch memory.
  static func checkTaps(_ op: OperatorView, _ rows: Int32, _ columns: Int32) throws(Failure) {
    try op.require(
      rows >= 1 && columns >= 1 && Int64(rows) * Int64(columns) <= 65536,
      "a kernel has no taps, or too many")
  }

  /// A multiplier and a shift of hrm.h's `requantize` for activations of this type.
  static func isRequantization(
    _ multiplier: Int32, _ shift: Int32, _ activation: hrm_tensor
  ) -> Bool {
    let largest: Int32 = activation.isInt8 ? .max : 32767
    let shifts: ClosedRange<Int32> = activation.isInt8 ? 1...62 : 1...47
    return multiplier >= 0 && multiplier <= largest && shifts.contains(shift)
  }

  /// Checks operands 2 (bias) and 3 (requant). Weights of a block begin `blockStep` elements apart, its rows
  /// of eight times `run` weights `rowStep` apart.
  func checkBiasAndRequant(
    _ x: hrm_tensor, rows: Int, rowStep: Int, blockStep: Int, run: Int = 1
  ) throws(Failure) {
    if let bias = op.optionalInput(2)?.pointee {
      let isTyped = x.isFloat ? bias.isFloat : x.isInt8 ? bias.isInt32 : bias.isInt64
      try op.require(
        isTyped && bias.isConstant && bias.rank == 1 && bias[dim: 0] == paddedChannels,
        "a bias has the wrong type or shape")
    }
    let requant = op.optionalInput(3)
    guard !x.isFloat else {
      return try op.require(requant == nil, "a float operator is requantized")
    }
    guard let requant else { throw op.bad("a fixed-point operator is not requantized") }
    try op.require(
      requant.pointee.isInt32 && requant.pointee.isConstant && requant.pointee.rank == 2
        && requant.pointee[dim: 0] == 2 && requant.pointee[dim: 1] == paddedChannels,
      "requantization has the wrong type or shape")
    let multipliers = op.constant(requant, as: Int32.self)
    for channel in 0..<paddedChannels {
      try op.require(
        SumChecks.isRequantization(
          multipliers[channel], multipliers[paddedChannels + channel], x),
        "a multiplier or shift is out of range")
    }
    try checkSums(x, rows, rowStep, blockStep, run)
  }

  /// No partial sum of any channel can leave 32 bits (int8) or 47 bits (int16): the greatest
  /// activation times the sum of the weights' magnitudes, plus the bias.
  private func checkSums(
    _ x: hrm_tensor, _ rows: Int, _ rowStep: Int, _ blockStep: Int, _ run: Int
  ) throws(Failure) {
    let weights = op.constant(op.input(1), as: Int8.self)
    let greatest: UInt64 = x.isInt8 ? 128 : 32768
    let limit: UInt64 = x.isInt8 ? 1 << 31 : 1 << 47
    for index in 0..<paddedChannels / 8 {
      let block = MagnitudeSums(weights + index * blockStep, rows: rows, rowStep: rowStep, run: run)
      try op.require(block.greatest <= 127, "a weight is -128")
      for lane in 0..<8 {
        let bias = biasMagnitude(x, index * 8 + lane)
        try op.require(
          bias < limit && block.sums[lane] * greatest + bias < limit, "a sum could overflow")
      }
    }
  }

  private func biasMagnitude(_ x: hrm_tensor, _ channel: Int) -> UInt64 {
    guard let bias = op.optionalInput(2) else { return 0 }
    return x.isInt8
      ? UInt64(op.constant(bias, as: Int32.self)[channel].magnitude)
      : op.constant(bias, as: Int64.self)[channel].magnitude
  }
}

extension OperatorView {
  /// The elements of a constant tensor.
  func constant<Element>(
    _ tensor: UnsafePointer<hrm_tensor>, as type: Element.Type
  ) -> UnsafePointer<Element> {
    (model.constants + Int(tensor.pointee.offset)).assumingMemoryBound(to: type)
  }
}
