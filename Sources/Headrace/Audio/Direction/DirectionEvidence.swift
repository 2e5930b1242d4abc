import CHeadrace

/// What evidence is about, whatever its arithmetic.
enum EvidenceShape {
  /// In hertz.
  static var low: Float { 300 }
  static var high: Float { 7000 }

  static func byteCount(bands: Int, directions: Int, bins: Int) -> Int {
    4 * (2 * bands * padded(directions) + bands + bins)
  }

  /// Directions, and as many more as make eights.
  static func padded(_ directions: Int) -> Int { (directions &+ 7) & ~7 }
}

/// What each band of frequencies says about every direction around: what a network of the locator reads.
///
/// Bands are equally wide on the mel scale (O'Shaughnessy, 1987) between 300 and 7,000 Hz, whatever the
/// sampling rate. Of each there are two maps, both from 0 to 1 and averaged over its bins and over frames:
/// SRP-PHAT's power, and the votes of MUSIC's spectrum, as in `DirectionVotes`.
struct DirectionEvidence<Element: DirectionElement> {
  let bands: Int
  private let directions: Int
  private let padded: Int
  /// [power, votes][bands][padded]
  private let maps: UnsafeMutablePointer<Element>
  /// How many bins each band has, and which band each bin belongs to.
  private let binCounts: UnsafeMutablePointer<Float>
  private let bandOfBin: UnsafeMutablePointer<Int32>
  /// Frames that counted, by how much they still do, for each kind of map.
  private var weights: (power: Float, votes: Float) = (0, 0)
  /// 0 ... 1: how many of the frames had any vote. In silence there is none.
  var presence: Float { weights.votes > 0 ? min(heard / weights.votes, 1) : 0 }
  /// 0 ... 1: how much evidence there is of what can be; less at the beginning.
  func completeness(fade: Float) -> Float { weights.votes * (1 - fade) }
  /// Frames with a vote, by how much they still count.
  private var heard: Float = 0
  private var hasVoted = false

  init(bands: Int, directions: Int, in memory: UnsafeMutableRawPointer) {
    self.bands = bands
    self.directions = directions
    padded = EvidenceShape.padded(directions)
    maps = memory.assumingMemoryBound(to: Element.self)
    binCounts = UnsafeMutableRawPointer(maps + 2 * bands * padded).assumingMemoryBound(
      to: Float.self)
    bandOfBin = UnsafeMutableRawPointer(binCounts + bands).assumingMemoryBound(to: Int32.self)
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
  func place(bin: Int, at frequency: Float) {
    let band = band(frequency)
    bandOfBin[bin] = Int32(band)
    binCounts[band] += 1
  }

  /// A frame begins; older ones keep this part of their weight.
  mutating func fade(to share: Float, hasVotes: Bool) {
    let part = Element(share: share)
    for first in stride(from: 0, to: 2 &* bands &* padded, by: 8) {
      Element.fade(maps + first, to: part)
    }
    weights.power = weights.power * share + 1
    weights.votes = weights.votes * share + (hasVotes ? 1 : 0)
    heard *= share
    hasVoted = false
  }

  func clearPower() { maps.update(repeating: Element(share: 0), count: bands &* padded) }

  func add(power: UnsafePointer<Element>, bin: Int) { add(power, .one, map: Int(bandOfBin[bin])) }

  mutating func add(votes: UnsafePointer<Element>, factor: Element, bin: Int) {
    add(votes, factor, map: bands &+ Int(bandOfBin[bin]))
    if !hasVoted { heard += 1 }
    hasVoted = true
  }

  /// Behind the directions lie as many more values as make eights.
  private func add(_ values: UnsafePointer<Element>, _ factor: Element, map: Int) {
    let sums = maps + map &* padded
    for first in stride(from: 0, to: padded, by: 8) {
      Element.add(values + first, times: factor, to: sums + first)
    }
  }

  /// Writes averages as a network's input [width][2 bands], where directions go on around at both ends.
  func write(to input: UnsafeMutablePointer<Float>, width: Int) {
    let margin = (width &- directions) / 2
    for map in 0..<2 &* bands {
      let isPower = map < bands
      let count = binCounts[isPower ? map : map &- bands]
      let scale = 1 / max(count * (isPower ? weights.power : weights.votes), 1e-6)
      let values = maps + map &* padded
      for place in 0..<width {
        let direction = (place &+ 2 &* directions &- margin) % directions
        input[place &* 2 &* bands &+ map] = values[direction].float * scale
      }
    }
  }
}
