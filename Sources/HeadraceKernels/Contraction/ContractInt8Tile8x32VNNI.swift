import CHeadrace

#if HEADRACE_VNNI

/// int8 contractions in tiles of eight pixels by 32 channels, 16 sums of sixteen lanes: what is loaded of the
/// weights serves eight pixels, what is loaded of the inputs 32 channels. Few pixels or few channels make
/// smaller tiles.
func contractInt8(_ work: hr_contraction, _ strip: hr_strip) {
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: pixelsAtOnce) { starts in
    let starts = starts.baseAddress.unsafelyUnwrapped
    var first = 0
    while first < Int(strip.pixels) {
      let pixels = min(Int(strip.pixels) &- first, pixelsAtOnce)
      var pixel = 0
      while pixel < pixels {
        hr_begin_sums_x8(
          starts + pixel, strip.x + (first &+ pixel), strip.capacity, strip.run_count,
          strip.run_length)
        pixel &+= 8
      }
      let contraction = WideContraction(
        work: work, strip: strip, starts: starts, first: first, pixels: pixels)
      contraction.run()
      first &+= pixels
    }
  }
}

/// Pixels of which the sums of inputs are kept; a multiple of eight.
private var pixelsAtOnce: Int { 48 }

private struct WideContraction {
  let work: hr_contraction
  let strip: hr_strip
  /// What the sums of each pixel from `first` on begin with.
  let starts: UnsafePointer<Int32>
  let first: Int
  let pixels: Int

  @inline(__always)
  func run() {
    let end = Int(strip.end_block)
    var block = Int(strip.first_block)
    while block < end {
      let isPair = end &- block > 2
      let low = WideChannels(work, strip, block)
      let high = WideChannels(work, strip, isPair ? block &+ 2 : block)
      if pixels == 1 {
        sum1x32(low, high)
      } else if pixels <= 4 {
        sum4x32(low, high)
      } else {
        var pixel = 0
        while pixel < pixels {
          // The last tile moves back to full width where it can, and repeats some outputs.
          let start = max(0, min(pixel, pixels &- 8))
          switch end &- block {
          case 1, 2: sum8x16(low, start)
          case 3: sum8x24(low, high, start)
          default: sum8x32(low, high, start)
          }
          pixel &+= 8
        }
      }
      block &+= isPair ? 4 : 2
    }
  }

  @inline(__always)
  private func sum8x32(_ low: WideChannels, _ high: WideChannels, _ pixel: Int) {
    var a = WideSums4(low.epilogue.bias, starts + pixel)
    var b = WideSums4(low.epilogue.bias, starts + (pixel &+ 4))
    var c = WideSums4(high.epilogue.bias, starts + pixel)
    var d = WideSums4(high.epilogue.bias, starts + (pixel &+ 4))
    var run = 0
    while run < Int(strip.run_count) {
      let joined = WideRun(strip, from: run, pixel: first &+ pixel)
      let x = WideInputs4(strip, run: run, pixel: first &+ pixel)
      let next = WideInputs4(strip, run: run, pixel: first &+ pixel &+ 4)
      let offset = Int(strip.weights[run])
      var k = 0
      while k < joined.length {
        let w0 = low.weights(offset &+ k &* 8)
        let w1 = high.weights(offset &+ k &* 8)
        let x0 = x(k)
        a.add(w0, x0)
        c.add(w1, x0)
        let x1 = next(k)
        b.add(w0, x1)
        d.add(w1, x1)
        k &+= 4
      }
      run = joined.end
    }
    store(a, low, pixel)
    store(b, low, pixel &+ 4)
    store(c, high, pixel)
    store(d, high, pixel &+ 4)
  }

  /// The eight channels that `high` begins with, and the sixteen of `low`.
  @inline(__always)
  private func sum8x24(_ low: WideChannels, _ high: WideChannels, _ pixel: Int) {
    var a = WideSums4(low.epilogue.bias, starts + pixel)
    var b = WideSums4(low.epilogue.bias, starts + (pixel &+ 4))
    var c = BlockSums4(starts + pixel)
    var d = BlockSums4(starts + (pixel &+ 4))
    var run = 0
    while run < Int(strip.run_count) {
      let joined = WideRun(strip, from: run, pixel: first &+ pixel)
      let x = WideInputs4(strip, run: run, pixel: first &+ pixel)
      let next = WideInputs4(strip, run: run, pixel: first &+ pixel &+ 4)
      let offset = Int(strip.weights[run])
      var k = 0
      while k < joined.length {
        let w0 = low.weights(offset &+ k &* 8)
        let w1 = high.blockWeights(offset &+ k &* 8)
        let x0 = x(k)
        a.add(w0, x0)
        c.add(w1, x0)
        let x1 = next(k)
        b.add(w0, x1)
        d.add(w1, x1)
        k &+= 4
      }
      run = joined.end
    }
    store(a, low, pixel)
    store(b, low, pixel &+ 4)
    store(c, high, pixel)
    store(d, high, pixel &+ 4)
  }

  @inline(__always)
  private func sum8x16(_ channels: WideChannels, _ pixel: Int) {
    var a = WideSums4(channels.epilogue.bias, starts + pixel)
    var b = WideSums4(channels.epilogue.bias, starts + (pixel &+ 4))
    var run = 0
    while run < Int(strip.run_count) {
      let joined = WideRun(strip, from: run, pixel: first &+ pixel)
      let x = WideInputs4(strip, run: run, pixel: first &+ pixel)
      let next = WideInputs4(strip, run: run, pixel: first &+ pixel &+ 4)
      let offset = Int(strip.weights[run])
      var k = 0
      while k < joined.length {
        let w = channels.weights(offset &+ k &* 8)
        a.add(w, x(k))
        b.add(w, next(k))
        k &+= 4
      }
      run = joined.end
    }
    store(a, channels, pixel)
    store(b, channels, pixel &+ 4)
  }

  @inline(__always)
  private func sum4x32(_ low: WideChannels, _ high: WideChannels) {
    var a = WideSums4(low.epilogue.bias, starts)
    var c = WideSums4(high.epilogue.bias, starts)
    var run = 0
    while run < Int(strip.run_count) {
      let inputs = WideInputs4(strip, run: run, pixel: first)
      let offset = Int(strip.weights[run])
      var k = 0
      while k < Int(strip.run_length) {
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

  /// A single pixel: two sums of each channel, so that one need not wait for the other.
  @inline(__always)
  private func sum1x32(_ low: WideChannels, _ high: WideChannels) {
    let start = SIMD16(repeating: starts[0])
    var a = low.epilogue.bias &+ start
    var c = high.epilogue.bias &+ start
    var b = SIMD16<Int32>.zero
    var d = b
    var run = 0
    while run < Int(strip.run_count) {
      let input = strip.input(run: run, pixel: first, as: Int8.self)
      let offset = Int(strip.weights[run])
      var k = 0
      while k &+ 8 <= Int(strip.run_length) {
        let x = hr_inputs_x16(input + k)
        let next = hr_inputs_x16(input + (k &+ 4))
        a = hr_dot4_x16(a, low.weights(offset &+ k &* 8), x)
        c = hr_dot4_x16(c, high.weights(offset &+ k &* 8), x)
        b = hr_dot4_x16(b, low.weights(offset &+ k &* 8 &+ 32), next)
        d = hr_dot4_x16(d, high.weights(offset &+ k &* 8 &+ 32), next)
        k &+= 8
      }
      if k < Int(strip.run_length) {
        let x = hr_inputs_x16(input + k)
        a = hr_dot4_x16(a, low.weights(offset &+ k &* 8), x)
        c = hr_dot4_x16(c, high.weights(offset &+ k &* 8), x)
      }
      run &+= 1
    }
    store(WideSums4(repeating: a &+ b), low, 0)
    store(WideSums4(repeating: c &+ d), high, 0)
  }

  /// Stores four pixels from `pixel` on, or those of them that there are.
  @inline(__always)
  private func store(_ sums: WideSums4, _ channels: WideChannels, _ pixel: Int) {
    let y = strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
    let step = Int(strip.y_step)
    let left = pixels &- pixel
    guard left > 0 else { return }
    storeRows(
      channels.epilogue(sums), y + (channels.first &+ (first &+ pixel) &* step), step: step,
      pixels: left, channels: channels.count)
  }
}

extension WideContraction {
  /// Stores four pixels of a block from `pixel` on, or those of them that there are.
  @inline(__always)
  fileprivate func store(_ sums: BlockSums4, _ channels: WideChannels, _ pixel: Int) {
    let left = pixels &- pixel
    guard left > 0 else { return }
    let epilogue = EpilogueInt8(work.epilogue, channel: channels.first)
    let step = Int(strip.y_step)
    TileOutputs4(
      pixel0: epilogue(sums.pixel0), pixel1: epilogue(sums.pixel1), pixel2: epilogue(sums.pixel2),
      pixel3: epilogue(sums.pixel3)
    ).store(
      strip.y.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)
        + (channels.first &+ (first &+ pixel) &* step), step: step, pixels: left,
      channels: Int(channels.count))
  }
}

/// Sixteen channels: two blocks of eight, or the last one twice.
private struct WideChannels {
  let first: Int
  /// How many there are.
  let count: UInt32
  let epilogue: WideEpilogueInt8
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
  }

  /// A quad of each of the first block.
  @inline(__always)
  func blockWeights(_ offset: Int) -> SIMD8<Int32> { hr_quads_x8(block + offset) }

  /// A quad of each.
  @inline(__always)
  func weights(_ offset: Int) -> SIMD16<Int32> { hr_quads_x16(block + offset, next + offset) }
}

#endif
