import CHeadrace

/// The sums of a tile of a contraction: some pixels by some blocks of output channels, made up of
/// smaller tiles. Everything is inlined, so that a tile that registers can hold stays there.
protocol FloatTile: BitwiseCopyable {
  associatedtype Channels: FloatChannels
  /// Where the inputs of each pixel begin.
  associatedtype Inputs: BitwiseCopyable
  /// Inputs of each pixel: `hr_inputs_f32`.
  associatedtype Vectors: BitwiseCopyable

  static var pixels: Int { get }
  static func inputs(_ list: UnsafePointer<UnsafeRawPointer?>) -> Inputs

  /// Loads inputs of each pixel and moves on to the next.
  static func take(_ x: inout Inputs) -> Vectors
  #if arch(arm64)
  /// From the bias at `bias` + `channel`.
  init(biasAt bias: inout UnsafePointer<Float>?, channel: Int)

  /// The same for four inputs, lanes 0 to 3.
  static func take4(_ x: inout Inputs) -> Vectors

  /// + two rows of weights times inputs `lane` and `lane` + 1 of those; moves on behind the rows.
  mutating func addTwoRows(_ rows: inout Channels.Rows, _ x: Vectors, lane: Int)
  #endif

  init(bias: Channels)

  /// + weights times input `k` of each pixel.
  mutating func add(_ weights: Channels, _ x: Inputs, _ k: Int)

  /// + weights times input `lane` of those; `lane` must be a constant for this to be fast.
  mutating func add(_ weights: Channels, _ x: Vectors, lane: Int)

  mutating func raise(to low: Float)
  mutating func lower(to high: Float)
  func store(_ y: UnsafeMutablePointer<Float>, step: Int, pixels: Int, channels: Int)
  #if arch(x86_64)
  /// + the elements at `addend`, one for each channel of all pixels.
  mutating func addAll(_ addend: UnsafePointer<Float>, step: Int)
  #endif
  #if HEADRACE_VNNI
  /// Stores all channels of all pixels.
  func storeAll(_ y: UnsafeMutablePointer<Float>, step: Int)
  #endif
}

#if arch(arm64)

extension FloatTile {
  @inline(__always)
  mutating func addTwoRows(_ rows: inout Channels.Rows, _ x: Vectors, lane: Int) {
    let (first, second) = Channels.twoRows(&rows)
    add(first, x, lane: lane)
    add(second, x, lane: lane &+ 1)
  }
}

#endif

/// A single pixel.
struct FloatTile1<Channels: FloatChannels>: FloatTile {
  var sums: Channels

  static var pixels: Int { 1 }

  @inline(__always)
  static func inputs(_ list: UnsafePointer<UnsafeRawPointer?>) -> UnsafePointer<Float>? {
    list.pointee.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  }

  @inline(__always)
  static func take(_ x: inout UnsafePointer<Float>?) -> hr_inputs_f32 { hr_take_f32(&x) }
  #if arch(arm64)
  @inline(__always)
  static func take4(_ x: inout UnsafePointer<Float>?) -> hr_inputs_f32 { hr_take4_f32(&x) }
  #endif

  @inline(__always)
  init(bias: Channels) { sums = bias }

  #if arch(arm64)
  /// Each pixel loads it: that is sooner done than to copy it from register to register.
  @inline(__always)
  init(biasAt bias: inout UnsafePointer<Float>?, channel: Int) {
    sums = Channels(bias.unsafelyUnwrapped + channel, step: 8)
    hr_load_anew(&bias)
  }
  #endif

  @inline(__always)
  mutating func add(_ weights: Channels, _ x: UnsafePointer<Float>?, _ k: Int) {
    sums.add(weights, x.unsafelyUnwrapped[k])
  }

  @inline(__always)
  mutating func add(_ weights: Channels, _ x: hr_inputs_f32, lane: Int) {
    sums.add(weights, x, lane: lane)
  }

  @inline(__always)
  mutating func raise(to low: Float) { sums.raise(to: low) }

  @inline(__always)
  mutating func lower(to high: Float) { sums.lower(to: high) }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, step: Int, pixels: Int, channels: Int) {
    sums.store(y, channels)
  }

  #if arch(x86_64)
  @inline(__always)
  mutating func addAll(_ addend: UnsafePointer<Float>, step: Int) { sums.addAll(addend) }
  #endif

  #if HEADRACE_VNNI
  @inline(__always)
  func storeAll(_ y: UnsafeMutablePointer<Float>, step: Int) { sums.storeAll(y) }
  #endif
}

/// The pixels of one tile, then those of another.
struct FloatTilePair<First: FloatTile, Second: FloatTile>: FloatTile
where First.Channels == Second.Channels {
  var first: First
  var second: Second

  struct Inputs: BitwiseCopyable {
    var first: First.Inputs
    var second: Second.Inputs
  }

  struct Vectors: BitwiseCopyable {
    let first: First.Vectors
    let second: Second.Vectors
  }

  static var pixels: Int { First.pixels &+ Second.pixels }

  @inline(__always)
  static func inputs(_ list: UnsafePointer<UnsafeRawPointer?>) -> Inputs {
    Inputs(first: First.inputs(list), second: Second.inputs(list + First.pixels))
  }

  @inline(__always)
  static func take(_ x: inout Inputs) -> Vectors {
    Vectors(first: First.take(&x.first), second: Second.take(&x.second))
  }

  #if arch(arm64)
  @inline(__always)
  static func take4(_ x: inout Inputs) -> Vectors {
    Vectors(first: First.take4(&x.first), second: Second.take4(&x.second))
  }
  #endif

  @inline(__always)
  init(bias: First.Channels) {
    first = First(bias: bias)
    second = Second(bias: bias)
  }

  #if arch(arm64)
  @inline(__always)
  init(biasAt bias: inout UnsafePointer<Float>?, channel: Int) {
    first = First(biasAt: &bias, channel: channel)
    second = Second(biasAt: &bias, channel: channel)
  }
  #endif

  @inline(__always)
  mutating func add(_ weights: First.Channels, _ x: Inputs, _ k: Int) {
    first.add(weights, x.first, k)
    second.add(weights, x.second, k)
  }

  @inline(__always)
  mutating func add(_ weights: First.Channels, _ x: Vectors, lane: Int) {
    first.add(weights, x.first, lane: lane)
    second.add(weights, x.second, lane: lane)
  }

  @inline(__always)
  mutating func raise(to low: Float) {
    first.raise(to: low)
    second.raise(to: low)
  }

  @inline(__always)
  mutating func lower(to high: Float) {
    first.lower(to: high)
    second.lower(to: high)
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, step: Int, pixels: Int, channels: Int) {
    first.store(y, step: step, pixels: pixels, channels: channels)
    if pixels > First.pixels {
      second.store(
        y + First.pixels &* step, step: step, pixels: pixels &- First.pixels, channels: channels)
    }
  }

  #if arch(x86_64)
  @inline(__always)
  mutating func addAll(_ addend: UnsafePointer<Float>, step: Int) {
    first.addAll(addend, step: step)
    second.addAll(addend + First.pixels &* step, step: step)
  }
  #endif

  #if HEADRACE_VNNI
  @inline(__always)
  func storeAll(_ y: UnsafeMutablePointer<Float>, step: Int) {
    first.storeAll(y, step: step)
    second.storeAll(y + First.pixels &* step, step: step)
  }
  #endif
}

typealias FloatTile2<Channels: FloatChannels> = FloatTilePair<
  FloatTile1<Channels>, FloatTile1<Channels>
>
typealias FloatTile4<Channels: FloatChannels> = FloatTilePair<
  FloatTile2<Channels>, FloatTile2<Channels>
>
typealias FloatTile6<Channels: FloatChannels> = FloatTilePair<
  FloatTile4<Channels>, FloatTile2<Channels>
>
typealias FloatTile8<Channels: FloatChannels> = FloatTilePair<
  FloatTile4<Channels>, FloatTile4<Channels>
>
