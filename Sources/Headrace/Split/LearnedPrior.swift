import CHeadrace

/// Codes an int8 latent with a prior that was learned with its head: the mean of each element is linear in what
/// was coded before, its scale in the magnitudes of that (PACKET.md). Lives in memory of the split's.
struct LearnedPrior {
  static var largestChannels: Int { 64 }
  /// In 4,096ths: beyond what elements can be.
  private static var farthestMean: Int32 { 1 << 20 }
  /// A bias and four neighbours.
  private static var nearCount: Int { 5 }

  private let width: Int
  private let height: Int
  private let channels: Int
  private let constants: UnsafeMutablePointer<Int32>
  /// [channels][height][width] of what was coded, in blocks of eight places.
  private let planes: UnsafeMutablePointer<SIMD8<Int16>>
  private let planeBlocks: Int
  /// [height][width] of the channel that is being coded, neighbours left out.
  private let means: UnsafeMutablePointer<SIMD8<Int32>>
  private let scales: UnsafeMutablePointer<SIMD8<Int32>>

  private static func constantCount(_ channels: Int) -> Int {
    channels &* (2 &* nearCount &+ channels &- 1)
  }

  /// Where the parts lie behind one another, each 64-byte aligned, and where the last ends.
  private static func layout(
    _ latent: LatentDescription
  ) -> (planes: Int, means: Int, scales: Int, end: Int) {
    func behind(_ start: Int, _ bytes: Int) -> Int { (start &+ bytes &+ 63) & ~63 }
    let blocks = (latent.height &* latent.width &+ 7) / 8
    let planes = behind(0, 4 &* constantCount(latent.channels))
    let means = behind(planes, 16 &* blocks &* latent.channels)
    let scales = behind(means, 32 &* blocks)
    return (planes, means, scales, behind(scales, 32 &* blocks))
  }

  static func byteCount(_ latent: LatentDescription) -> Int { layout(latent).end }

  /// Checks what can be checked without memory.
  static func check(_ latent: LatentDescription) throws(Failure) {
    guard latent.prior != nil else { return }
    guard latent.type == HR_INT8, latent.batch == 1, latent.channels <= largestChannels,
      latent.height <= 4096, latent.width <= 4096
    else {
      throw .badModel("latent.prior needs an int8 latent of one picture and at most 64 channels")
    }
  }

  /// Reads the constants into `memory`, 64-byte aligned, of `byteCount`.
  init(_ text: Text, _ latent: LatentDescription, _ memory: UnsafeMutableRawPointer) throws(Failure)
  {
    (width, height, channels) = (latent.width, latent.height, latent.channels)
    let layout = Self.layout(latent)
    planeBlocks = (width &* height &+ 7) / 8
    let count = Self.constantCount(channels)
    constants = memory.bindMemory(to: Int32.self, capacity: count)
    planes = (memory + layout.planes).assumingMemoryBound(to: SIMD8<Int16>.self)
    means = (memory + layout.means).assumingMemoryBound(to: SIMD8<Int32>.self)
    scales = (memory + layout.scales).assumingMemoryBound(to: SIMD8<Int32>.self)
    planes.update(repeating: .zero, count: planeBlocks &* channels)
    var words = TextScanner(text)
    var place = 0
    for channel in 0..<channels {
      let each = Self.nearCount &+ channel
      for index in 0..<2 &* each {
        let isBias = index == 0 || index == each
        let limit: Int32 = isBias ? 1 << 24 : 32767
        guard let value = words.decimal(), value <= limit, value >= (index < each ? 0 &- limit : 0)
        else { throw .badModel("latent.prior is short, or holds a number out of range") }
        constants[place] = value
        place &+= 1
      }
    }
    guard words.isAtEnd() else { throw .badModel("latent.prior holds too many numbers") }
  }

  /// Codes one channel, after those before it, or decodes it into the elements. false: the code makes no sense.
  func code(
    channel: Int, _ elements: LatentElements, precision: UInt32, with coder: inout RangeCoder
  ) -> Bool {
    let decoding = coder.isDecoding
    let symbols = elements.lowestSymbol...elements.highestSymbol
    let each = Self.nearCount &+ channel
    // Those of channel c begin behind 2 * (5 + 0) + ... + 2 * (5 + c - 1) others.
    let mean = constants + channel &* (2 &* Self.nearCount &+ channel &- 1)
    let scale = mean + each
    addEarlierChannels(channel, mean, scale)
    let plane = UnsafeMutableRawPointer(planes + channel &* planeBlocks)
      .assumingMemoryBound(to: Int16.self)
    let means = UnsafeRawPointer(means).assumingMemoryBound(to: Int32.self)
    let scales = UnsafeRawPointer(scales).assumingMemoryBound(to: Int32.self)
    let shift = Int32(bitPattern: precision)
    for row in 0..<height {
      for column in 0..<width {
        let place = row &* width &+ column
        let left = column > 0 ? Int32(plane[place &- 1]) : 0
        let up = row > 0 ? Int32(plane[place &- width]) : 0
        let upLeft = row > 0 && column > 0 ? Int32(plane[place &- width &- 1]) : 0
        let upRight = row > 0 && column &+ 1 < width ? Int32(plane[place &- width &+ 1]) : 0
        let center =
          means[place] &+ mean[1] &* left &+ mean[2] &* up &+ mean[3] &* upLeft
          &+ mean[4] &* upRight
        let spread =
          scales[place] &+ scale[1] &* abs(left) &+ scale[2] &* abs(up) &+ scale[3] &* abs(upLeft)
          &+ scale[4] &* abs(upRight)
        let distribution = LogisticDistribution(
          mean: max(-Self.farthestMean, min(Self.farthestMean, center)) &>> shift,
          scale: min(LogisticDistribution.largestScale, spread) &>> shift)
        let index = place &* channels &+ channel
        let symbol = decoding ? 0 : elements[index]
        guard let coded = coder.code(integer: symbol, distribution), symbols.contains(coded) else {
          return false
        }
        if decoding { elements[index] = coded }
        plane[place] = Int16(truncatingIfNeeded: coded &<< shift)
      }
    }
    return true
  }

  /// What the channels before it say of a channel, everywhere at once.
  private func addEarlierChannels(
    _ channel: Int, _ mean: UnsafeMutablePointer<Int32>, _ scale: UnsafeMutablePointer<Int32>
  ) {
    for block in 0..<planeBlocks {
      var center = SIMD8<Int32>(repeating: mean[0])
      var spread = SIMD8<Int32>(repeating: scale[0])
      for earlier in 0..<channel {
        let values = SIMD8<Int32>(truncatingIfNeeded: planes[earlier &* planeBlocks &+ block])
        let signs = values &>> 31
        center &+= values &* mean[Self.nearCount &+ earlier]
        spread &+= ((values ^ signs) &- signs) &* scale[Self.nearCount &+ earlier]
      }
      means[block] = center
      scales[block] = spread
    }
  }
}
