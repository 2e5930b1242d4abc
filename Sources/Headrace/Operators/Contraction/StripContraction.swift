import CHeadrace

/// What convolution and dense operators share while they run: the kernel, its arguments, and the
/// order in which blocks of weights are visited.
struct StripContraction {
  let op: OperatorView
  let memory: SessionMemory
  let strip: Strip
  /// Blocks of output channels of one group, and its output channels.
  let blocksPerGroup: Int
  let channelsPerGroup: Int
  let outputChannels: Int
  private let y: UnsafeMutableRawPointer
  /// What is added to the outputs, element by element.
  private let addend: UnsafeRawPointer?
  let elementBytes: Int
  let weightBytes: Int
  var work = hr_contraction()
  var arguments = hr_strip()
  private let kernel: hr_contract

  /// Weights that should stay in a cache while inputs stream past: the first level of ARM's, the second
  /// of x86's, which delivers weights as fast as a tile takes them.
  private static var cachedWeightBytes: Int {
    #if arch(x86_64)
    131072
    #else
    16384
    #endif
  }

  init(
    _ op: OperatorView, _ memory: SessionMemory, _ layout: StripLayout, groups: Int,
    clampMin: Int32, clampMax: Int32
  ) {
    let x = op.input(0).pointee
    let y = op.output().pointee
    let table = memory.kernels.pointee.contraction
    self.op = op
    self.memory = memory
    strip = Strip(layout, memory.scratch, zero: x.zero_point)
    outputChannels = y[dim: Int(y.rank) - 1]
    channelsPerGroup = outputChannels / groups
    blocksPerGroup = (channelsPerGroup &+ 7) / 8
    elementBytes = x.elementBytes
    weightBytes = x.isFloat ? 4 : 1
    if let sum = memory.sum, let other = sum.addend(of: op) {
      (self.y, addend) = (memory.write(sum.output()), memory.read(other))
      let parameters = sum.parameters(hrm_binary.self)
      work.epilogue.clamp_min = parameters.clamp_min
      work.epilogue.clamp_max = parameters.clamp_max
    } else {
      (self.y, addend) = (memory.write(op.output()), nil)
      work.epilogue.clamp_min = clampMin
      work.epilogue.clamp_max = clampMax
    }
    kernel = x.isFloat ? table.contract_f32 : x.isInt8 ? table.contract_i8 : table.contract_i16
    work.block_weights = layout.depth &* 8
    work.channels = UInt32(channelsPerGroup)
    work.epilogue.output_zero = y.zero_point
    arguments.x = UnsafePointer(strip.pointers)
    arguments.weights = UnsafePointer(strip.weights)
    arguments.capacity = UInt32(layout.capacity)
    arguments.run_count = UInt32(layout.runs)
    arguments.run_length = UInt32(layout.runLength)
    arguments.y_step = outputChannels
  }

  /// Calls `body` with a group, its arguments in place, for chunks of `blocks` (of all groups) whose
  /// weights a first-level cache holds. `strips`: how many strips follow in `body`, if each reads all weights.
  mutating func forEachChunk(
    _ blocks: Range<Int>, strips: Int = 1,
    _ body: (inout StripContraction, _ group: Int) -> Void
  ) {
    #if arch(x86_64)
    // Of more blocks they would not lie on the stack, and few strips do not pay for them.
    let most = 1024 / 4 / 8
    if strips > 2, blocks.count <= most, op.input(0).pointee.isInt8,
      let begin = memory.kernels.pointee.contraction.begin_i8
    {
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: most &* 8) { sums in
        forEachCachedChunk(blocks) { contraction, group in
          contraction.work.begin = nil
          begin(&contraction.work, &contraction.arguments, sums.baseAddress)
          contraction.work.begin = UnsafePointer(sums.baseAddress)
          body(&contraction, group)
        }
      }
      return
    }
    #endif
    forEachCachedChunk(blocks, body)
  }

  private mutating func forEachCachedChunk(
    _ blocks: Range<Int>, _ body: (inout StripContraction, _ group: Int) -> Void
  ) {
    let cached = StripContraction.cachedWeightBytes / (work.block_weights &* weightBytes)
    // Kernels take blocks in pairs, but a last one may stand alone.
    let chunk = max(2, cached >= blocksPerGroup ? cached : cached & ~1)
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let group = block / blocksPerGroup
      let groupStart = group &* blocksPerGroup
      let end = min(block &+ chunk, blocks.upperBound, groupStart &+ blocksPerGroup)
      select(group)
      arguments.first_block = UInt32(block &- groupStart)
      arguments.end_block = UInt32(end &- groupStart)
      body(&self, group)
      block = end
    }
  }

  @inline(never)
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
  mutating func run(group: Int, pixel: Int, pixels: Int) {
    let offset = (pixel &* outputChannels &+ group &* channelsPerGroup) &* elementBytes
    arguments.y = y + offset
    arguments.addend = addend.map { $0 + offset }
    arguments.pixels = UInt32(pixels)
    kernel(&work, &arguments)
  }
}
