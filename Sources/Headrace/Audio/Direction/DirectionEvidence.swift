import CHeadrace

/// What is said of every direction, in the order in which a network reads it: SRP-PHAT's power, and the votes of
/// MUSIC's spectrum, of covariances of few frames and of many.
enum EvidenceKind: Int {
  case power, votes, slowVotes

  static var count: Int { 3 }
}

/// What evidence is about, whatever its arithmetic.
enum EvidenceShape {
  /// In hertz.
  static var low: Float { 300 }
  static var high: Float { 7000 }

  static func byteCount(bands: Int, directions: Int, bins: Int) -> Int {
    4 * (EvidenceKind.count * bands * (padded(directions) + 1) + bins)
  }

  /// Directions, and as many more as make eights.
  static func padded(_ directions: Int) -> Int { (directions &+ 7) & ~7 }
}

/// What each band of frequencies says about every direction around: what a network of the locator reads.
///
/// Bands are equally wide on the mel scale (O'Shaughnessy, 1987) between 300 and 7,000 Hz, whatever the
/// sampling rate. Of each there is a map of every kind, from 0 to 1 and averaged over its bins and over frames by
/// `OnsetWeights`.
struct DirectionEvidence<Element: DirectionElement> {
  let bands: Int
  private let directions: Int
  private let padded: Int
  /// [kinds][bands][padded]
  private let maps: UnsafeMutablePointer<Element>
  /// [kinds][bands]: what the sums in a map weigh.
  private let weights: UnsafeMutablePointer<Float>
  private let bandOfBin: UnsafeMutablePointer<Int32>
  /// That could vote, by how much they still count.
  private var frames: Float = 0
  /// 0 ... 1: how many of the frames had any vote. In silence there is none.
  var presence: Float { frames > 0 ? min(heard / frames, 1) : 0 }
  /// 0 ... 1: how much evidence there is of what can be; less at the beginning.
  func completeness(fade: Float) -> Float { frames * (1 - fade) }
  /// Frames with a vote, by how much they still count.
  private var heard: Float = 0
  private var hasVoted = false

  init(bands: Int, directions: Int, in memory: UnsafeMutableRawPointer) {
    self.bands = bands
    self.directions = directions
    padded = EvidenceShape.padded(directions)
    maps = memory.assumingMemoryBound(to: Element.self)
    let count = EvidenceKind.count * bands
    weights = UnsafeMutableRawPointer(maps + count * padded).assumingMemoryBound(to: Float.self)
    bandOfBin = UnsafeMutableRawPointer(weights + count).assumingMemoryBound(to: Int32.self)
  }

  /// Which band a frequency in hertz belongs to. The base of the logarithm does not matter.
  private func band(_ frequency: Float) -> Int {
    func mel(_ hertz: Float) -> Float { Elementary.log(1 + hertz / 700) }
    // Half a bin of the 16 ms frames beyond the ends.
    let (low, high) = (mel(EvidenceShape.low - 18.5), mel(EvidenceShape.high + 31))
    let place = (mel(frequency) - low) / (high - low) * Float(bands)
    return max(0, min(bands - 1, Int(place)))
  }

  /// Says which frequency a bin has; once for each.
  func place(bin: Int, at frequency: Float) { bandOfBin[bin] = Int32(band(frequency)) }

  /// A frame begins; older ones keep this part of their weight.
  mutating func fade(to share: Float, hasVotes: Bool) {
    let part = Element(share: share)
    for first in stride(from: 0, to: mapCount &* padded, by: 8) {
      Element.fade(maps + first, to: part)
    }
    for map in 0..<mapCount { weights[map] *= share }
    frames = frames * share + (hasVotes ? 1 : 0)
    heard *= share
    hasVoted = false
  }

  func clearPower() { maps.update(repeating: Element(share: 0), count: bands &* padded) }

  private var mapCount: Int { EvidenceKind.count &* bands }

  private func map(_ kind: EvidenceKind, _ bin: Int) -> Int {
    kind.rawValue &* bands &+ Int(bandOfBin[bin])
  }

  /// Says how much what a bin may add weighs.
  func weigh(_ kind: EvidenceKind, _ weight: Float, bin: Int) { weights[map(kind, bin)] += weight }

  /// Behind the directions lie as many more values as make eights.
  @inline(never)
  func add(
    _ kind: EvidenceKind, _ values: UnsafePointer<Element>, factor: Element, bin: Int
  ) {
    let sums = maps + map(kind, bin) &* padded
    for first in stride(from: 0, to: padded, by: 8) {
      Element.add(values + first, times: factor, to: sums + first)
    }
  }

  /// Says that the frame has a vote.
  mutating func hear() {
    if !hasVoted { heard += 1 }
    hasVoted = true
  }

  /// Writes averages as a network's input [width][kinds x bands], where directions go on around at both ends.
  func write(to input: UnsafeMutablePointer<Float>, width: Int) {
    let margin = (width &- directions) / 2
    for map in 0..<mapCount {
      let scale = 1 / max(weights[map], 1e-6)
      let values = maps + map &* padded
      for place in 0..<width {
        let direction = (place &+ 2 &* directions &- margin) % directions
        input[place &* mapCount &+ map] = values[direction].float * scale
      }
    }
  }
}
