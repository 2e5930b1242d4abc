import CHeadrace

/// The scratch memory of a contraction: a strip's list of inputs, and what it points to outside the
/// input tensor.
struct Strip {
  let layout: StripLayout
  /// A run's inputs at the input's zero point.
  private(set) var zeros: UnsafeRawPointer
  /// [runs][capacity]
  private(set) var pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  let weights: UnsafeMutablePointer<UInt32>
  /// Where the layout gathers: [capacity] pixels, `gatheredStep` bytes apart. Where it lists rows: those that lie
  /// in the padding in part, `rowStep` bytes apart.
  private(set) var gathered: UnsafeMutableRawPointer

  /// Lays out `scratch` for layers whose inputs have `zero` as their zero point.
  init(_ layout: StripLayout, _ scratch: UnsafeMutableRawPointer, zero: Int32) {
    self.layout = layout
    scratch.initializeMemory(
      as: UInt8.self, repeating: UInt8(truncatingIfNeeded: zero), count: layout.zeroBytes)
    let list = scratch + layout.zeroBytes
    let offsets = list + layout.pointerBytes
    zeros = UnsafeRawPointer(scratch)
    pointers = list.assumingMemoryBound(to: UnsafeRawPointer?.self)
    weights = offsets.assumingMemoryBound(to: UInt32.self)
    gathered = offsets + layout.offsetBytes
    if layout.gathers {
      // Behind the last weight kernels multiply by zero, but must not read what was never written.
      gathered.initializeMemory(
        as: UInt8.self, repeating: 0, count: layout.gatheredStep &* layout.capacity)
      #if arch(x86_64)
      if layout.rowRuns > 0 {
        pointers = gathered.assumingMemoryBound(to: UnsafeRawPointer?.self)
        zeros = UnsafeRawPointer(gathered + layout.rowListBytes)
        gathered += layout.rowListBytes + layout.rowStep
        for row in 0..<layout.rowRuns {
          setWeights(run: row, tap: row &* (layout.taps / layout.rowRuns))
        }
        return
      }
      #endif
      for pixel in 0..<layout.capacity {
        pointers[pixel] = UnsafeRawPointer(gathered + pixel &* layout.gatheredStep)
      }
      weights[0] = 0
    }
  }

  /// Says that run `run` is multiplied by the weights of tap `tap`.
  func setWeights(run: Int, tap: Int) {
    weights[run] = UInt32(truncatingIfNeeded: tap &* layout.channels &* 8)
  }

  /// Lists what `pixels` outputs read as run `run`: those in `inside` read from `first` on, `step` bytes
  /// apart, counted from the first pixel; the others read zeros.
  func list(run: Int, pixels: Int, inside: Range<Int>, first: UnsafeRawPointer, step: Int) {
    let list = pointers + run &* layout.capacity
    var pixel = 0
    while pixel < inside.lowerBound {
      list[pixel] = zeros
      pixel &+= 1
    }
    pixel = inside.upperBound
    listRow(list + inside.lowerBound, inside.count, first + inside.lowerBound &* step, step: step)
    while pixel < pixels {
      list[pixel] = zeros
      pixel &+= 1
    }
    repeatLast(list, pixels: pixels)
  }

  /// A tile's pixels behind the last of `pixels` repeat it.
  func repeatLast(_ list: UnsafeMutablePointer<UnsafeRawPointer?>, pixels: Int) {
    let last = list[pixels &- 1]
    var pixel = pixels
    while pixel & 7 != 0 {
      list[pixel] = last
      pixel &+= 1
    }
  }

  /// Lists `count` inputs `step` bytes apart: two at a time, for this is done for every tap of every strip.
  @_optimize(speed)
  @inline(never)
  func listRow(
    _ list: UnsafeMutablePointer<UnsafeRawPointer?>, _ count: Int, _ first: UnsafeRawPointer,
    step: Int
  ) {
    let address = UInt(bitPattern: first)
    let step = UInt(bitPattern: step)
    var pair = SIMD2(address, address &+ step)
    let twice = SIMD2(repeating: 2 &* step)
    var pixel = 0
    let size = MemoryLayout<SIMD2<UInt>>.size
    while pixel &+ 8 <= count {
      let target = UnsafeMutableRawPointer(list + pixel)
      for part in 0..<4 {
        target.storeBytes(of: pair, toByteOffset: part &* size, as: SIMD2<UInt>.self)
        pair &+= twice
      }
      pixel &+= 8
    }
    var x = first + pixel &* Int(bitPattern: step)
    while pixel < count {
      list[pixel] = x
      x += Int(bitPattern: step)
      pixel &+= 1
    }
  }

  /// Sets the input of one pixel of a run, and of the tile's pixels behind it.
  func set(run: Int, tap: Int, pixel: Int, _ x: UnsafeRawPointer) {
    setWeights(run: run, tap: tap)
    let list = pointers + run &* layout.capacity
    for later in pixel..<((pixel &+ 8) & ~7) { list[later] = x }
  }
}
