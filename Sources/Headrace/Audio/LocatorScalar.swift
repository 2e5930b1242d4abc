/// An arithmetic in which a locator works: Float, or Q31 with an exponent for each block of samples.
protocol LocatorScalar: SpectralScalar {
  associatedtype Covariance: SourceCovariance where Covariance.Scalar == Self
  associatedtype Votes: DirectionVoting where Votes.Scalar == Self

  /// Tells locators of one arithmetic from those of another.
  static var locatorMark: UInt { get }

  init(sample index: Int, of samples: AudioSamples)
  /// A factor from 0 to 1.
  init(factor: Float)

  /// By how many binary digits samples can be raised before a transform.
  static func headroom(_ samples: UnsafePointer<Self>, _ count: Int) -> Int
  func raised(by digits: Int) -> Self

  /// A number that is `unit` times as large.
  var number: Float { get }
  /// That of a spectrum whose samples were raised by `digits`, as a transform without division has it.
  static func unit(raisedBy digits: Int, length: Int) -> Float
  /// An element of a vector of length 1.
  var unitFloat: Float { get }

  /// The phases of a bin alone, as a vector of length 1; false if a microphone is silent there.
  static func phases(
    _ frame: UnsafePointer<Complex<Self>>, step: Int, _ microphones: Int,
    to vector: UnsafeMutablePointer<Complex<Self>>
  ) -> Bool
}

extension Float: LocatorScalar {
  typealias Covariance = SpatialCovariance
  typealias Votes = DirectionVotes
  static var locatorMark: UInt { 0x4c4f_4341 }

  init(sample index: Int, of samples: AudioSamples) { self = samples.float(index) }
  init(factor: Float) { self = factor }

  static func headroom(_ samples: UnsafePointer<Float>, _ count: Int) -> Int { 0 }
  @inline(__always)
  func raised(by digits: Int) -> Float { self }
  @inline(__always)
  var number: Float { self }
  @inline(__always)
  static func unit(raisedBy digits: Int, length: Int) -> Float { 1 }
  @inline(__always)
  var unitFloat: Float { self }

  static func phases(
    _ frame: UnsafePointer<Complex<Float>>, step: Int, _ microphones: Int,
    to vector: UnsafeMutablePointer<Complex<Float>>
  ) -> Bool {
    let share = 1 / Float(microphones).squareRoot()
    for microphone in 0..<microphones {
      let value = frame[microphone &* step]
      let magnitude = (value.re * value.re + value.im * value.im).squareRoot()
      guard magnitude > 1e-9 else { return false }
      vector[microphone] = value.scaled(by: share / magnitude)
    }
    return true
  }
}

extension Q31: LocatorScalar {
  typealias Covariance = FixedCovariance
  typealias Votes = FixedVotes
  static var locatorMark: UInt { 0x4c4f_4342 }

  init(sample index: Int, of samples: AudioSamples) { self = samples.q31(index) }
  init(factor: Float) { self = factor.q31 }

  /// Up to half of full scale: a transform rounds.
  static func headroom(_ samples: UnsafePointer<Q31>, _ count: Int) -> Int {
    var digits: UInt32 = 0
    for index in 0..<count {
      digits |= UInt32(bitPattern: samples[index].bits ^ samples[index].bits &>> 31)
    }
    return digits == 0 ? 0 : digits.leadingZeroBitCount &- 2
  }
  /// Negative: lowered.
  @inline(__always)
  func raised(by digits: Int) -> Q31 { Q31(bits: bits << Int32(digits)) }
  @inline(__always)
  var number: Float { Float(bits) }
  static func unit(raisedBy digits: Int, length: Int) -> Float {
    Float(sign: .plus, exponent: -31 - digits, significand: Float(length))
  }
  @inline(__always)
  var unitFloat: Float { Float(bits) * 0x1p-30 }

  static func phases(
    _ frame: UnsafePointer<Complex<Q31>>, step: Int, _ microphones: Int,
    to vector: UnsafeMutablePointer<Complex<Q31>>
  ) -> Bool {
    for microphone in 0..<microphones {
      vector[microphone] = frame[microphone &* step]
      guard UnitVector.normalize(vector + microphone, 1) > 0 else { return false }
    }
    return UnitVector.normalize(vector, microphones) > 0
  }
}

extension Complex where Scalar: LocatorScalar {
  /// The square of its length, of numbers.
  @inline(__always)
  var power: Float { product(self) }
  /// The real part of its product with another's conjugate, of numbers.
  @inline(__always)
  func product(_ other: Complex) -> Float {
    re.number * other.re.number + im.number * other.im.number
  }
  @inline(__always)
  var unitFloat: Complex<Float> { Complex<Float>(re: re.unitFloat, im: im.unitFloat) }
}
