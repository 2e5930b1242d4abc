import CHeadrace

/// A depthwise convolution's kernel, its arguments, and the order in which blocks of weights are
/// visited.
struct BlockedContraction {
  let op: OperatorView
  let memory: SessionMemory
  let indirection: Indirection
  /// Blocks of output channels of one group, and its output channels.
  let blocksPerGroup: Int
  let channelsPerGroup: Int
  let outputChannels: Int
  let elementBytes: Int
  let weightBytes: Int
  var work = hr_contraction()
  var tile = hr_contraction_tile()
  private let kernel: hr_depthwise

  /// Weights that should stay in a first-level cache while inputs stream past.
  private static var cachedWeightBytes: Int { 16384 }

  init(
    _ op: OperatorView, _ memory: SessionMemory, _ indirection: Indirection, groups: Int,
    blockWeights: Int, clampMin: Int32, clampMax: Int32
  ) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let table = memory.kernels.pointee.contraction
    self.op = op
    self.memory = memory
    self.indirection = indirection
    outputChannels = y[dim: Int(y.rank) - 1]
    channelsPerGroup = outputChannels / groups
    blocksPerGroup = (channelsPerGroup &+ 7) / 8
    elementBytes = x.elementBytes
    weightBytes = x.isFloat ? 4 : 1
    kernel = x.isFloat ? table.depthwise_f32 : x.isInt8 ? table.depthwise_i8 : table.depthwise_i16
    work.block_weights = blockWeights
    work.channels = UInt32(channelsPerGroup)
    work.depth_multiplier = 1
    work.epilogue.output_zero = y.zero_point
    work.epilogue.clamp_min = clampMin
    work.epilogue.clamp_max = clampMax
    tile.x = UnsafePointer(indirection.pointers)
    tile.weights = UnsafePointer(indirection.weights)
    tile.y_step = outputChannels
  }

  /// Calls `body` with a group, its arguments in place, for chunks of `blocks` (of all groups) whose
  /// weights a first-level cache holds.
  mutating func forEachChunk(
    _ blocks: Range<Int>, _ body: (inout BlockedContraction, _ group: Int) -> Void
  ) {
    let chunk = max(1, BlockedContraction.cachedWeightBytes / (work.block_weights &* weightBytes))
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let group = block / blocksPerGroup
      let groupStart = group &* blocksPerGroup
      let end = min(block &+ chunk, blocks.upperBound, groupStart &+ blocksPerGroup)
      select(group)
      tile.first_block = UInt32(block &- groupStart)
      tile.end_block = UInt32(end &- groupStart)
      body(&self, group)
      block = end
    }
  }

  private mutating func select(_ group: Int) {
    let firstBlock = group &* blocksPerGroup
    let firstChannel = firstBlock &* 8
    work.weights = memory.read(op.input(1)) + firstBlock &* work.block_weights &* weightBytes
    if let bias = op.optionalInput(2) {
      work.epilogue.bias = memory.read(bias) + firstChannel &* bias.pointee.elementBytes
    }
    if let requant = op.optionalInput(3) {
      let multipliers = memory.read(requant, as: Int32.self)
      work.epilogue.multipliers = multipliers + firstChannel
      work.epilogue.shifts = multipliers + requant.pointee[dim: 1] + firstChannel
    }
  }

  /// Runs the kernel for `pixels` outputs of a group, the first at `pixel` of the whole output.
  mutating func run(group: Int, runs: Int, pixel: Int, pixels: Int) {
    let element = pixel &* outputChannels &+ group &* channelsPerGroup
    tile.y = memory.write(op.output()) + element &* elementBytes
    tile.run_count = UInt32(runs)
    tile.pixels = UInt32(pixels)
    kernel(&work, &tile)
  }
}
