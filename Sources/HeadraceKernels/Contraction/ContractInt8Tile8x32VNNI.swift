import CHeadrace

#if HEADRACE_VNNI

/// int8 contractions in tiles of eight pixels by 32 channels, 16 sums of sixteen lanes: what is loaded of the
/// weights serves eight pixels, what is loaded of the inputs 32 channels. Few pixels or few channels make
/// smaller tiles.
func contractInt8(_ work: hr_contraction, _ strip: hr_strip) {
  strip.contract(work)
}

/// The bias of each channel, less what inputs that are 128 too great add.
func beginInt8(
  _ work: hr_contraction, _ strip: hr_strip, _ begin: UnsafeMutablePointer<Int32>
) {
  // None is listed yet.
  var strip = strip
  strip.run_count = 0
  var index = Int(strip.first_block)
  var target = begin
  while index < Int(strip.end_block) {
    let channels = WideChannels(work, strip, index)
    let sums = channels.computedBegin(length: UInt32(work.block_weights / 8))
    store8(sums.lowHalf, target, 8)
    if index &+ 1 < Int(strip.end_block) { store8(sums.highHalf, target + 8, 8) }
    index &+= 2
    target += 16
  }
}

// Functions of the strip itself: a copy of it in a structure takes as long as a few tiles.
extension hr_strip {
  @inline(__always)
  fileprivate func contract(_ work: hr_contraction) {
    let end = Int(end_block)
    var block = Int(first_block)
    while block < end {
      let low = WideChannels(work, self, block)
      if end &- block <= 2 {
        sum(low, isOneBlock: end &- block == 1)
      } else {
        let high = WideChannels(work, self, block &+ 2)
        sum(low, high, isOneBlock: end &- block == 3)
      }
      block &+= 4
    }
  }

  /// One block of channels, or two.
  @inline(__always)
  private func sum(_ channels: WideChannels, isOneBlock: Bool) {
    if pixels == 1 { return sum1x32(channels, channels) }
    if pixels <= 4 { return sum4x32(channels, channels) }
    forEachTile { pixel in
      isOneBlock ? sum8x8(channels, pixel) : sum8x16(channels, pixel)
    }
  }

  /// Three blocks, or four.
  @inline(__always)
  private func sum(_ low: WideChannels, _ high: WideChannels, isOneBlock: Bool) {
    if pixels == 1 { return sum1x32(low, high) }
    if pixels <= 4 { return sum4x32(low, high) }
    forEachTile { pixel in
      isOneBlock ? sum8x24(low, high, pixel) : sum8x32(low, high, pixel)
    }
  }

  /// Calls `body` with the first pixel of each eight. The last tile moves back to full width where it can, and
  /// repeats some outputs.
  @inline(__always)
  private func forEachTile(_ body: (Int) -> Void) {
    let count = Int(pixels)
    var pixel = 0
    while pixel < count {
      body(max(0, min(pixel, count &- 8)))
      pixel &+= 8
    }
  }

  /// Calls `body` with the inputs of four pixels from `pixel` on and of the next four, and with each quad of
  /// theirs and its weights.
  @inline(__always)
  private func forEachQuad(
    _ pixel: Int, _ body: (WideInputs4, WideInputs4, _ k: Int, _ weight: Int) -> Void
  ) {
    var run = 0
    while run < Int(run_count) {
      let joined = WideRun(self, from: run, pixel: pixel)
      let x = WideInputs4(self, run: run, pixel: pixel)
      let next = WideInputs4(self, run: run, pixel: pixel &+ 4)
      let offset = Int(weights[run])
      var k = 0
      while k < joined.length {
        body(x, next, k, offset &+ k &* 8)
        k &+= 4
      }
      run = joined.end
    }
  }

  /// Sums of sixteen channels, a and b, and of further ones, c and d: inputs that are read serve both.
  @inline(__always)
  private func sumPair<High: PixelSums4>(
    _ low: WideChannels, _ a: inout WideSums4, _ b: inout WideSums4,
    _ highWeights: (Int) -> High.Weights, _ c: inout High, _ d: inout High, _ pixel: Int
  ) {
    forEachQuad(pixel) { x, next, k, weight in
      let w0 = low.weights(weight)
      let w1 = highWeights(weight)
      let x0 = x(k)
      a.add(w0, x0)
      c.add(w1, x0)
      let x1 = next(k)
      b.add(w0, x1)
      d.add(w1, x1)
    }
  }

  @inline(__always)
  private func sum8x32(_ low: WideChannels, _ high: WideChannels, _ pixel: Int) {
    var a = WideSums4(repeating: low.begin)
    var b = WideSums4(repeating: low.begin)
    var c = WideSums4(repeating: high.begin)
    var d = WideSums4(repeating: high.begin)
    sumPair(low, &a, &b, high.weights, &c, &d, pixel)
    let isWhole = Int(pixels) &- pixel >= 8 && high.count == 16
    if isWhole && low.epilogue.isSmall && high.epilogue.isSmall {
      storeAll(a, c, low, high, pixel)
      storeAll(b, d, low, high, pixel &+ 4)
      return
    }
    store(a, low, pixel)
    store(b, low, pixel &+ 4)
    store(c, high, pixel)
    store(d, high, pixel &+ 4)
  }

  /// Stores 32 channels of four pixels from `pixel` on, whose factors are small.
  @inline(__always)
  private func storeAll(
    _ sums: WideSums4, _ highSums: WideSums4, _ low: WideChannels, _ high: WideChannels,
    _ pixel: Int
  ) {
    let step = Int(y_step)
    let y =
      self.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
      + (low.first &+ pixel &* step)
    let first = low.epilogue.small(
      sums.pixel0, sums.pixel1, high.epilogue, highSums.pixel0, highSums.pixel1)
    hr_store_rows01(first, y)
    hr_store_rows23(first, y + step)
    let second = low.epilogue.small(
      sums.pixel2, sums.pixel3, high.epilogue, highSums.pixel2, highSums.pixel3)
    hr_store_rows01(second, y + 2 &* step)
    hr_store_rows23(second, y + 3 &* step)
  }

  /// The eight channels that `high` begins with, and the sixteen of `low`.
  @inline(__always)
  private func sum8x24(_ low: WideChannels, _ high: WideChannels, _ pixel: Int) {
    var a = WideSums4(repeating: low.begin)
    var b = WideSums4(repeating: low.begin)
    var c = BlockSums4(repeating: high.begin.lowHalf)
    var d = BlockSums4(repeating: high.begin.lowHalf)
    sumPair(low, &a, &b, high.blockWeights, &c, &d, pixel)
    store(a, low, pixel)
    store(b, low, pixel &+ 4)
    storeEights(c, d, high, pixel)
  }

  @inline(__always)
  private func sum8x8(_ channels: WideChannels, _ pixel: Int) {
    var a = BlockSums4(repeating: channels.begin.lowHalf)
    var b = BlockSums4(repeating: channels.begin.lowHalf)
    forEachQuad(pixel) { x, next, k, weight in
      let w = channels.blockWeights(weight)
      a.add(w, x.eights(k))
      b.add(w, next.eights(k))
    }
    storeEights(a, b, channels, pixel)
  }

  @inline(__always)
  private func sum8x16(_ channels: WideChannels, _ pixel: Int) {
    var a = WideSums4(repeating: channels.begin)
    var b = WideSums4(repeating: channels.begin)
    forEachQuad(pixel) { x, next, k, weight in
      let w = channels.weights(weight)
      a.add(w, x(k))
      b.add(w, next(k))
    }
    store(a, channels, pixel)
    store(b, channels, pixel &+ 4)
  }

  @inline(__always)
  private func sum4x32(_ low: WideChannels, _ high: WideChannels) {
    var a = WideSums4(repeating: low.begin)
    var c = WideSums4(repeating: high.begin)
    var run = 0
    while run < Int(run_count) {
      let inputs = WideInputs4(self, run: run, pixel: 0)
      let offset = Int(weights[run])
      var k = 0
      while k < Int(run_length) {
        let x = inputs(k)
        a.add(low.weights(offset &+ k &* 8), x)
        c.add(high.weights(offset &+ k &* 8), x)
        k &+= 4
      }
      run &+= 1
    }
    store(a, low, 0)
    store(c, high, 0)
  }

  /// A single pixel: two sums of each channel, so that one need not wait for the other. What they begin with
  /// is summed along with them, for weights are read once.
  @inline(__always)
  private func sum1x32(_ low: WideChannels, _ high: WideChannels) {
    var a = SIMD16<Int32>.zero
    var b = a
    var c = a
    var d = a
    var excess = a
    var highExcess = a
    @inline(__always)
    func add(
      _ sums: inout SIMD16<Int32>, _ highSums: inout SIMD16<Int32>, _ x: UnsafePointer<Int8>,
      _ offset: Int
    ) {
      let w = low.weights(offset)
      let highWeights = high.weights(offset)
      let inputs = hr_inputs_x16(x)
      sums = hr_dot4_x16(sums, w, inputs)
      highSums = hr_dot4_x16(highSums, highWeights, inputs)
      excess = hr_less_weights_x16(excess, w)
      highExcess = hr_less_weights_x16(highExcess, highWeights)
    }
    for run in 0..<Int(run_count) {
      let input = input(run: run, pixel: 0, as: Int8.self)
      let offset = Int(weights[run])
      var k = 0
      while k &+ 8 <= Int(run_length) {
        add(&a, &c, input + k, offset &+ k &* 8)
        add(&b, &d, input + (k &+ 4), offset &+ k &* 8 &+ 32)
        k &+= 8
      }
      if k < Int(run_length) { add(&a, &c, input + k, offset &+ k &* 8) }
    }
    store(WideSums4(repeating: low.epilogue.bias &+ a &+ b &+ excess), low, 0)
    store(WideSums4(repeating: high.epilogue.bias &+ c &+ d &+ highExcess), high, 0)
  }

  /// Stores four pixels from `pixel` on, or those of them that there are.
  @inline(__always)
  private func store(_ sums: WideSums4, _ channels: WideChannels, _ pixel: Int) {
    let y = self.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
    let step = Int(y_step)
    let left = Int(pixels) &- pixel
    guard left > 0 else { return }
    storeRows(
      channels.epilogue(sums), y + (channels.first &+ pixel &* step), step: step,
      pixels: left, channels: channels.count)
  }
}

extension hr_strip {
  /// Stores eight pixels from `pixel` on, or those of them that there are, of a block that `channels` has twice: two
  /// pixels are requantized at once.
  @inline(__always)
  fileprivate func storeEights(
    _ a: BlockSums4, _ b: BlockSums4, _ channels: WideChannels, _ pixel: Int
  ) {
    let rows = channels.epilogue(
      WideSums4(
        SIMD16(lowHalf: a.pixel0, highHalf: a.pixel1),
        SIMD16(lowHalf: a.pixel2, highHalf: a.pixel3),
        SIMD16(lowHalf: b.pixel0, highHalf: b.pixel1),
        SIMD16(lowHalf: b.pixel2, highHalf: b.pixel3)))
    let step = Int(y_step)
    let y =
      self.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
      + (channels.first &+ pixel &* step)
    let left = Int(pixels) &- pixel
    let count = min(channels.count, 8)
    if left >= 8 && count == 8 && step == 8 { return hr_store_rows(rows, y) }
    hr_store_halves0(rows, y, step, count, true)
    hr_store_halves1(rows, y + 2 &* step, step, count, left > 3)
    if left > 4 { hr_store_halves2(rows, y + 4 &* step, step, count, left > 5) }
    if left > 6 { hr_store_halves3(rows, y + 6 &* step, step, count, left > 7) }
  }
}

/// Sixteen channels: two blocks of eight, or the last one twice.
private struct WideChannels {
  let first: Int
  /// How many there are.
  let count: UInt32
  let epilogue: WideEpilogueInt8
  /// What their sums begin with: the bias, less what inputs that are 128 too great add; not for a
  /// single pixel.
  let begin: SIMD16<Int32>
  private let block: UnsafePointer<Int8>
  private let next: UnsafePointer<Int8>

  @inline(__always)
  init(_ work: hr_contraction, _ strip: hr_strip, _ index: Int) {
    let second = min(index &+ 1, Int(strip.end_block) &- 1)
    let step = Int(work.block_weights)
    let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
    let end = min(Int(work.channels), Int(strip.end_block) &* 8)
    first = index &* 8
    count = UInt32(truncatingIfNeeded: min(16, end &- index &* 8))
    epilogue = WideEpilogueInt8(work.epilogue, channel: first, second: second &* 8)
    block = weights + index &* step
    next = weights + second &* step
    if strip.pixels == 1 {
      begin = .zero
    } else if let begins = work.begin {
      let first = Int(strip.first_block)
      begin = hr_join_x16(begins + (index &- first) &* 8, begins + (second &- first) &* 8)
    } else {
      var begin = epilogue.bias
      for run in 0..<Int(strip.run_count) {
        let offset = Int(strip.weights[run])
        begin = hr_less_run_x16(begin, block + offset, next + offset, strip.run_length)
      }
      self.begin = begin
    }
  }

  /// What sums of inputs that are multiplied by all weights, `length` of each channel, begin with.
  @inline(__always)
  func computedBegin(length: UInt32) -> SIMD16<Int32> {
    hr_less_run_x16(epilogue.bias, block, next, length)
  }

  /// A quad of each of the first block.
  @inline(__always)
  func blockWeights(_ offset: Int) -> SIMD8<Int32> { hr_quads_x8(block + offset) }

  /// A quad of each.
  @inline(__always)
  func weights(_ offset: Int) -> SIMD16<Int32> { hr_quads_x16(block + offset, next + offset) }
}

#endif
