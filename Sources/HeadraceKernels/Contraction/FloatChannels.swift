import CHeadrace

/// The sums of some blocks of eight output channels for one pixel, as a kernel keeps them in registers;
/// also a row of their weights.
protocol FloatChannels: BitwiseCopyable {
  static var blocks: Int { get }

  /// Eight elements of each block, whose elements are `step` apart.
  init(_ elements: UnsafePointer<Float>, step: Int)
  init(repeating: Float)

  #if arch(arm64)
  /// Where each block's next row of weights lies.
  associatedtype Rows: BitwiseCopyable
  static func rows(_ weights: UnsafePointer<Float>, step: Int) -> Rows

  /// The next row of weights and the one behind it; moves on behind both.
  static func twoRows(_ rows: inout Rows) -> (Self, Self)
  #endif

  /// + weights times the input of their row.
  mutating func add(_ weights: Self, _ input: Float)

  /// The same for input `lane` of some; `lane` must be a constant for this to be one instruction.
  mutating func add(_ weights: Self, _ inputs: hr_inputs_f32, lane: Int)

  mutating func raise(to low: Float)
  mutating func lower(to high: Float)

  /// Stores the first `count` channels, those of the last block at most.
  func store(_ y: UnsafeMutablePointer<Float>, _ count: Int)
  #if arch(x86_64)
  /// + the elements at `addend`, one for each channel.
  mutating func addAll(_ addend: UnsafePointer<Float>)
  #endif
  #if HEADRACE_VNNI
  func storeAll(_ y: UnsafeMutablePointer<Float>)
  #endif
}

/// One block.
struct FloatChannels8: FloatChannels {
  var sums: SIMD8<Float>

  static var blocks: Int { 1 }

  @inline(__always)
  init(_ elements: UnsafePointer<Float>, step: Int) { sums = load8(elements) }

  @inline(__always)
  init(repeating value: Float) { sums = SIMD8(repeating: value) }

  #if arch(arm64)
  @inline(__always)
  static func rows(_ weights: UnsafePointer<Float>, step: Int) -> UnsafePointer<Float>? { weights }

  @inline(__always)
  static func twoRows(_ rows: inout UnsafePointer<Float>?) -> (Self, Self) {
    let taken = hr_take_rows_f32(&rows)
    return (Self(sums: taken.first), Self(sums: taken.second))
  }

  @inline(__always)
  private init(sums: SIMD8<Float>) { self.sums = sums }
  #endif

  @inline(__always)
  mutating func add(_ weights: Self, _ input: Float) {
    sums = hr_mac_f32x8(sums, weights.sums, input)
  }

  @inline(__always)
  mutating func add(_ weights: Self, _ inputs: hr_inputs_f32, lane: Int) {
    sums = hr_mac_lane_f32x8(sums, weights.sums, inputs, Int32(truncatingIfNeeded: lane))
  }

  @inline(__always)
  mutating func raise(to low: Float) { sums = hr_raise_f32x8(sums, low) }

  @inline(__always)
  mutating func lower(to high: Float) { sums = hr_lower_f32x8(sums, high) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ count: Int) { store8(sums, y, count) }

  #if arch(x86_64)
  @inline(__always)
  mutating func addAll(_ addend: UnsafePointer<Float>) { sums += load8(addend) }
  #endif

  #if HEADRACE_VNNI
  @inline(__always)
  func storeAll(_ y: UnsafeMutablePointer<Float>) { store8(sums, y, 8) }
  #endif
}

/// Twice as many blocks as `Half` has.
struct FloatChannelsTwice<Half: FloatChannels>: FloatChannels {
  var low: Half
  var high: Half

  static var blocks: Int { Half.blocks &* 2 }

  @inline(__always)
  init(_ elements: UnsafePointer<Float>, step: Int) {
    low = Half(elements, step: step)
    high = Half(elements + Half.blocks &* step, step: step)
  }

  @inline(__always)
  init(repeating value: Float) {
    low = Half(repeating: value)
    high = low
  }

  #if arch(arm64)
  struct Rows: BitwiseCopyable {
    var low: Half.Rows
    var high: Half.Rows
  }

  @inline(__always)
  static func rows(_ weights: UnsafePointer<Float>, step: Int) -> Rows {
    Rows(
      low: Half.rows(weights, step: step),
      high: Half.rows(weights + Half.blocks &* step, step: step))
  }

  @inline(__always)
  static func twoRows(_ rows: inout Rows) -> (Self, Self) {
    let first = Half.twoRows(&rows.low)
    let second = Half.twoRows(&rows.high)
    return (Self(low: first.0, high: second.0), Self(low: first.1, high: second.1))
  }

  @inline(__always)
  private init(low: Half, high: Half) {
    self.low = low
    self.high = high
  }
  #endif

  @inline(__always)
  mutating func add(_ weights: Self, _ input: Float) {
    low.add(weights.low, input)
    high.add(weights.high, input)
  }

  @inline(__always)
  mutating func add(_ weights: Self, _ inputs: hr_inputs_f32, lane: Int) {
    low.add(weights.low, inputs, lane: lane)
    high.add(weights.high, inputs, lane: lane)
  }

  @inline(__always)
  mutating func raise(to low: Float) {
    self.low.raise(to: low)
    high.raise(to: low)
  }

  @inline(__always)
  mutating func lower(to high: Float) {
    low.lower(to: high)
    self.high.lower(to: high)
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ count: Int) {
    low.store(y, count)
    high.store(y + Half.blocks &* 8, count &- Half.blocks &* 8)
  }

  #if arch(x86_64)
  @inline(__always)
  mutating func addAll(_ addend: UnsafePointer<Float>) {
    low.addAll(addend)
    high.addAll(addend + Half.blocks &* 8)
  }
  #endif

  #if HEADRACE_VNNI
  @inline(__always)
  func storeAll(_ y: UnsafeMutablePointer<Float>) {
    low.storeAll(y)
    high.storeAll(y + Half.blocks &* 8)
  }
  #endif
}

typealias FloatChannels16 = FloatChannelsTwice<FloatChannels8>
typealias FloatChannels32 = FloatChannelsTwice<FloatChannels16>
