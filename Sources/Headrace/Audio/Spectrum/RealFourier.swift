/// The discrete Fourier transform of real samples, of any even length whose factors are 2, 3 and 5.
///
/// Decimation in time with mixed radices (Cooley and Tukey, 1965) of half the length, on even samples as real
/// and odd ones as imaginary parts. In fixed point samples are halved, for two of them make a number as long
/// as the diagonal of a square, and every stage divides by its radix, so that no sum overflows: the spectrum
/// is divided by the length. A sample of -1 to the last digit could still round beyond -1.
struct RealFourier<Scalar: SpectralScalar> {
  typealias Value = Complex<Scalar>

  /// Samples; the spectrum has half as many and one.
  let length: Int
  /// e^(-2 pi i k / length) for k from 0 to half the length.
  private let twiddles: UnsafeMutablePointer<Value>
  private let work: UnsafeMutablePointer<Value>

  var half: Int { length / 2 }
  var bins: Int { half &+ 1 }

  static func isPossible(_ length: Int) -> Bool {
    guard length >= 4, length <= 1 << 16, length % 2 == 0 else { return false }
    var rest = length / 2
    while rest % 2 == 0 { rest /= 2 }
    while rest % 3 == 0 { rest /= 3 }
    while rest % 5 == 0 { rest /= 5 }
    return rest == 1
  }

  static func byteCount(_ length: Int) -> Int { (length + 1) * MemoryLayout<Value>.stride }

  /// In memory of `byteCount(length)`.
  init(_ length: Int, in memory: UnsafeMutableRawPointer) {
    self.length = length
    twiddles = memory.assumingMemoryBound(to: Value.self)
    work = twiddles + (length / 2 + 1)
    for k in 0...length / 2 {
      let turn = UInt32(truncatingIfNeeded: (UInt64(k) << 32 + UInt64(length) / 2) / UInt64(length))
      twiddles[k] = Value(
        re: .fraction(SineQ31.cosine(turn)), im: .fraction(0 &- SineQ31.sine(turn)))
    }
  }

  /// The bins of `samples`, from 0 to half the sampling rate.
  func transform(_ samples: UnsafePointer<Scalar>, to spectrum: UnsafeMutablePointer<Value>) {
    stage(
      work, UnsafeRawPointer(samples).assumingMemoryBound(to: Value.self), step: 1, length: half)
    let middle = Scalar.fraction(1 << 30)
    for k in 0...half / 2 {
      let a = work[k].scaled(by: middle)
      let b = work[k == 0 ? 0 : half &- k].conjugate.scaled(by: middle)
      let even = a + b
      // -i times the difference, turned to its place.
      let odd = (b - a).turned.rotated(by: twiddles[k])
      spectrum[k] = even + odd
      spectrum[half &- k] = (even - odd).conjugate
    }
  }

  /// The discrete Fourier transform of half as many complex inputs.
  func transformComplex(_ input: UnsafePointer<Value>, to out: UnsafeMutablePointer<Value>) {
    stage(out, input, step: 1, length: half)
  }

  /// The transform of `length` inputs, `step` apart.
  private func stage(
    _ out: UnsafeMutablePointer<Value>, _ input: UnsafePointer<Value>, step: Int, length: Int
  ) {
    guard length > 1 else {
      out[0] = input[0].share(of: 2)
      return
    }
    let radix = length % 4 == 0 ? 4 : length % 2 == 0 ? 2 : length % 3 == 0 ? 3 : 5
    let part = length / radix
    for index in 0..<radix {
      stage(out + index &* part, input + index &* step, step: step &* radix, length: part)
    }
    for position in 0..<part {
      let first = out + position
      switch radix {
      case 4: butterfly4(first, part, step &* position)
      case 2: butterfly2(first, part, step &* position)
      default: butterfly(radix, first, part, step &* position, step &* part)
      }
    }
  }

  /// e^(-2 pi i k / half)
  @inline(__always)
  private func turn(_ k: Int) -> Value {
    let index = 2 &* k
    return index <= half ? twiddles[index] : twiddles[length &- index].conjugate
  }

  @inline(__always)
  private func butterfly2(_ x: UnsafeMutablePointer<Value>, _ part: Int, _ k: Int) {
    let a = x[0].share(of: 2)
    let b = x[part].share(of: 2).rotated(by: turn(k))
    x[0] = a + b
    x[part] = a - b
  }

  @inline(__always)
  private func butterfly4(_ x: UnsafeMutablePointer<Value>, _ part: Int, _ k: Int) {
    let a = x[0].share(of: 4)
    let b = x[part].share(of: 4).rotated(by: turn(k))
    let c = x[2 &* part].share(of: 4).rotated(by: turn(2 &* k))
    let d = x[3 &* part].share(of: 4).rotated(by: turn(3 &* k))
    let (ac, acDifference) = (a + c, a - c)
    let (bd, bdTurned) = (b + d, (b - d).turned)
    x[0] = ac + bd
    x[part] = acDifference - bdTurned
    x[2 &* part] = ac - bd
    x[3 &* part] = acDifference + bdTurned
  }

  /// Radix 3 or 5, from its definition; `quarter` is how far one root of unity is from the next.
  private func butterfly(
    _ radix: Int, _ x: UnsafeMutablePointer<Value>, _ part: Int, _ k: Int, _ root: Int
  ) {
    var inputs = InlineArray<5, Value>(repeating: .zero)
    for index in 0..<radix {
      inputs[index] = x[index &* part].share(of: radix).rotated(by: turn(index &* k % half))
    }
    for output in 0..<radix {
      var sum = inputs[0]
      for index in 1..<radix {
        sum = sum + inputs[index].rotated(by: turn(index &* output &* root % half))
      }
      x[output &* part] = sum
    }
  }
}
