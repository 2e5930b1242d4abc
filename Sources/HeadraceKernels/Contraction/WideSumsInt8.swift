import CHeadrace

#if HEADRACE_VNNI

/// Where a run of four pixels begins.
struct WideInputs4 {
  private let pixel0: UnsafePointer<Int8>
  private let pixel1: UnsafePointer<Int8>
  private let pixel2: UnsafePointer<Int8>
  private let pixel3: UnsafePointer<Int8>

  @inline(__always)
  init(_ strip: hr_strip, run: Int, pixel: Int) {
    pixel0 = strip.input(run: run, pixel: pixel, as: Int8.self)
    pixel1 = strip.input(run: run, pixel: pixel &+ 1, as: Int8.self)
    pixel2 = strip.input(run: run, pixel: pixel &+ 2, as: Int8.self)
    pixel3 = strip.input(run: run, pixel: pixel &+ 3, as: Int8.self)
  }

  /// Inputs k ... k + 3 of each pixel, + 128, in all lanes.
  @inline(__always)
  func callAsFunction(
    _ k: Int
  ) -> (SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>) {
    (
      hr_inputs_x16(pixel0 + k), hr_inputs_x16(pixel1 + k), hr_inputs_x16(pixel2 + k),
      hr_inputs_x16(pixel3 + k)
    )
  }
}

extension WideInputs4 {
  /// The same for one block.
  @inline(__always)
  func eights(
    _ k: Int
  ) -> (SIMD8<Int32>, SIMD8<Int32>, SIMD8<Int32>, SIMD8<Int32>) {
    (
      hr_inputs_x8(pixel0 + k), hr_inputs_x8(pixel1 + k), hr_inputs_x8(pixel2 + k),
      hr_inputs_x8(pixel3 + k)
    )
  }
}

/// Sums of four pixels, one vector of channels of each.
protocol PixelSums4 {
  /// Four weights of each channel.
  associatedtype Weights

  /// Adds their products with four inputs of each pixel, which are + 128, in all lanes.
  mutating func add(
    _ w: Weights, _ x: (SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>))
}

/// Sums of four pixels, sixteen channels of each.
struct WideSums4: PixelSums4 {
  var pixel0: SIMD16<Int32>
  var pixel1: SIMD16<Int32>
  var pixel2: SIMD16<Int32>
  var pixel3: SIMD16<Int32>

  @inline(__always)
  init(
    _ pixel0: SIMD16<Int32>, _ pixel1: SIMD16<Int32>, _ pixel2: SIMD16<Int32>,
    _ pixel3: SIMD16<Int32>
  ) {
    self.pixel0 = pixel0
    self.pixel1 = pixel1
    self.pixel2 = pixel2
    self.pixel3 = pixel3
  }

  @inline(__always)
  init(repeating sums: SIMD16<Int32>) {
    pixel0 = sums
    pixel1 = sums
    pixel2 = sums
    pixel3 = sums
  }

  @inline(__always)
  mutating func add(
    _ w: SIMD16<Int32>,
    _ x: (SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>)
  ) {
    pixel0 = hr_dot4_x16(pixel0, w, x.0)
    pixel1 = hr_dot4_x16(pixel1, w, x.1)
    pixel2 = hr_dot4_x16(pixel2, w, x.2)
    pixel3 = hr_dot4_x16(pixel3, w, x.3)
  }
}

/// Sums of four pixels, eight channels of each.
struct BlockSums4: PixelSums4 {
  fileprivate(set) var pixel0: SIMD8<Int32>
  fileprivate(set) var pixel1: SIMD8<Int32>
  fileprivate(set) var pixel2: SIMD8<Int32>
  fileprivate(set) var pixel3: SIMD8<Int32>

  @inline(__always)
  init(repeating sums: SIMD8<Int32>) {
    pixel0 = sums
    pixel1 = sums
    pixel2 = sums
    pixel3 = sums
  }

  @inline(__always)
  mutating func add(
    _ w: SIMD8<Int32>,
    _ x: (SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>, SIMD16<Int32>)
  ) {
    pixel0 = hr_dot4_x8(pixel0, w, x.0)
    pixel1 = hr_dot4_x8(pixel1, w, x.1)
    pixel2 = hr_dot4_x8(pixel2, w, x.2)
    pixel3 = hr_dot4_x8(pixel3, w, x.3)
  }
}

extension BlockSums4 {
  @inline(__always)
  mutating func add(
    _ w: SIMD8<Int32>, _ x: (SIMD8<Int32>, SIMD8<Int32>, SIMD8<Int32>, SIMD8<Int32>)
  ) {
    pixel0 = hr_dot4_block_x8(pixel0, w, x.0)
    pixel1 = hr_dot4_block_x8(pixel1, w, x.1)
    pixel2 = hr_dot4_block_x8(pixel2, w, x.2)
    pixel3 = hr_dot4_block_x8(pixel3, w, x.3)
  }
}

/// Runs that follow one another for eight pixels: the taps of a kernel's row are one.
struct WideRun {
  private(set) var run: Int
  private(set) var length: Int

  /// The runs from `run` on, for eight pixels from `pixel` on.
  @inline(__always)
  init(_ strip: hr_strip, from run: Int, pixel: Int) {
    self.run = run
    length = Int(strip.run_length)
    let capacity = Int(strip.capacity)
    let x = strip.x.unsafelyUnwrapped + (run &* capacity &+ pixel)
    let weights = strip.weights.unsafelyUnwrapped
    end = run &+ 1
    var last = x
    while end < Int(strip.run_count),
      Int(weights[end]) &- Int(weights[end &- 1]) == Int(strip.run_length) &* 8,
      hr_follows_x8(last, last + capacity, strip.run_length)
    {
      last += capacity
      length &+= Int(strip.run_length)
      end &+= 1
    }
  }

  /// The run behind.
  private(set) var end: Int
}

#endif
