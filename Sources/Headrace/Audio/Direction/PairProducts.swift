/// What each two microphones say of a bin, added up over frames: products of their phases. The power of beams of unit
/// phasors follows from these for every direction, so that it need not be worked out in every frame.
struct PairProducts {
  private let microphones: Int
  /// Numbers of a bin.
  private let stride: Int
  private let count: Int
  /// [bins][1 + pairs x [re, im]]: frames, by how much they count and still do, and the products of each microphone with the
  /// conjugates of those before it.
  private let sums: UnsafeMutablePointer<Float>

  /// Of all bins, and as many more as make eights.
  private static func count(microphones: Int, bins: Int) -> Int {
    ((1 &+ microphones &* (microphones &- 1)) &* bins &+ 7) & ~7
  }

  static func byteCount(microphones: Int, bins: Int) -> Int {
    4 * count(microphones: microphones, bins: bins)
  }

  init(microphones: Int, bins: Int, in memory: UnsafeMutablePointer<Float>) {
    self.microphones = microphones
    stride = 1 + microphones * (microphones - 1)
    count = Self.count(microphones: microphones, bins: bins)
    sums = memory
  }

  func fade(to share: Float) {
    var first = 0
    while first < count {
      Float.fade(sums + first, to: share)
      first &+= 8
    }
  }

  /// Takes in the phases of a bin, a vector of length 1, which count `weight`.
  func add(_ phases: UnsafePointer<Complex<Float>>, weight: Float, bin: Int) {
    var sum = sums + bin &* stride
    sum.pointee += weight
    sum += 1
    for later in 1..<microphones {
      let a = phases[later].scaled(by: weight)
      for earlier in 0..<later {
        let b = phases[earlier]
        sum[0] += a.product(b)
        sum[1] += a.im * b.re - a.re * b.im
        sum += 2
      }
    }
  }

  /// Powers of sums of a bin's phases in eight directions, whose steering vectors have each microphone's real parts in
  /// `steering`, `step` numbers apart, and the imaginary ones in the middle between: what they have in common with
  /// those opposite, whose vectors are conjugate, and what more.
  @inline(__always)
  func powers(
    bin: Int, _ steering: UnsafePointer<Float>, step: Int
  ) -> (even: SIMD8<Float>, odd: SIMD8<Float>) {
    var sum = sums + bin &* stride
    // Every microphone with itself, and twice the real part of it with those before it.
    var (even, odd) = (SIMD8<Float>(repeating: sum.pointee), SIMD8<Float>(repeating: 0))
    sum += 1
    for later in 1..<microphones {
      var (ar, bi) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
      var (br, ai) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
      for earlier in 0..<later {
        let (a, b) = Self.elements(steering + earlier &* step, step)
        ar += a * sum[0]
        bi += b * sum[1]
        br += b * sum[0]
        ai += a * sum[1]
        sum += 2
      }
      let (a, b) = Self.elements(steering + later &* step, step)
      even += (a * ar + b * br) * 2
      odd += (b * ai - a * bi) * 2
    }
    return (even, odd)
  }

  @inline(__always)
  private static func elements(
    _ steering: UnsafePointer<Float>, _ step: Int
  ) -> (re: SIMD8<Float>, im: SIMD8<Float>) {
    let re = UnsafeRawPointer(steering)
    return (
      re.loadUnaligned(as: SIMD8<Float>.self),
      re.loadUnaligned(fromByteOffset: 2 &* step, as: SIMD8<Float>.self)
    )
  }
}
