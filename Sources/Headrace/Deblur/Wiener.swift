/// Wiener deconvolution: takes a known blur out of planes, as far as their noise allows.
///
/// Dong, Roth and Schiele (Deep Wiener Deconvolution, 2020) and Zhang et al. (INFWIDE, 2023) do it to features of a
/// picture as well as to the picture, and tell noise from what a median filter takes away.
struct Wiener {
  typealias Value = Complex<Float>
  /// Rows and columns that a plane is continued by, so that its edges do not ring.
  static var margin: Int { 32 }
  /// The least ratio of noise to signal.
  private static var least: Float { 1e-4 }

  let fourier: PlaneFourier
  /// [height][width] of `fourier`: the kernel's spectrum.
  private let spectrum: UnsafeMutablePointer<Value>
  private let work: UnsafeMutablePointer<Value>

  static func byteCount(_ width: Int, _ height: Int) -> Int {
    let (w, h) = (side(width), side(height))
    return 2 * w * h * MemoryLayout<Value>.stride + PlaneFourier.byteCount(w, h)
  }

  private static func side(_ extent: Int) -> Int { PlaneFourier.side(extent + 2 * margin) }

  /// For planes of one size. `weight` tells the kernel's weights, whose sum is one.
  init(
    _ width: Int, _ height: Int, kernelWidth: Int, kernelHeight: Int,
    in memory: UnsafeMutableRawPointer, weight: (_ x: Int, _ y: Int) -> Float
  ) {
    let (w, h) = (Self.side(width), Self.side(height))
    spectrum = memory.assumingMemoryBound(to: Value.self)
    work = spectrum + w * h
    fourier = PlaneFourier(w, h, in: UnsafeMutableRawPointer(work + w * h))
    spectrum.update(repeating: .zero, count: w * h)
    for y in 0..<kernelHeight {
      for x in 0..<kernelWidth {
        // Its middle is at the origin.
        let row = (y - kernelHeight / 2 + h) % h
        let column = (x - kernelWidth / 2 + w) % w
        spectrum[row * w + column].re += weight(x, y)
      }
    }
    fourier.transform(spectrum)
  }

  /// Noise over signal of a plane: the mean square of what a 3x3 median filter takes, over the variance.
  static func noiseToSignal(
    _ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Float
  ) -> Float {
    var (sum, squares, taken): (Double, Double, Double) = (0, 0, 0)
    for y in 0..<height {
      for x in 0..<width {
        var near = InlineArray<9, Float>(repeating: 0)
        for index in 0..<9 {
          near[index] = value(
            min(max(x &+ index % 3 &- 1, 0), width &- 1),
            min(max(y &+ index / 3 &- 1, 0), height &- 1))
        }
        let here = near[4]
        let difference = Double(here - median(&near))
        taken += difference * difference
        sum += Double(here)
        squares += Double(here) * Double(here)
      }
    }
    let count = Double(width * height)
    let variance = max(squares / count - sum / count * (sum / count), 1e-8)
    return max(Float(taken / count / variance), least)
  }

  /// Sorts the lower half.
  private static func median(_ values: inout InlineArray<9, Float>) -> Float {
    for first in 0...4 {
      for other in first &+ 1..<9 where values[other] < values[first] {
        (values[first], values[other]) = (values[other], values[first])
      }
    }
    return values[4]
  }

  /// Deconvolves two planes at once.
  func deconvolve(
    _ width: Int, _ height: Int, ratios: (Float, Float),
    _ values: (_ x: Int, _ y: Int) -> (Float, Float),
    _ result: (_ x: Int, _ y: Int, _ values: (Float, Float)) -> Void
  ) {
    let (w, h) = (fourier.width, fourier.height)
    for y in 0..<h {
      for x in 0..<w {
        let pair = continued(x &- Self.margin, y &- Self.margin, width, height, values)
        work[y &* w &+ x] = Value(re: pair.0, im: pair.1)
      }
    }
    fourier.transform(work)
    for y in 0..<h {
      let opposite = y == 0 ? 0 : h &- y
      guard y <= opposite else { break }
      for x in 0..<w {
        let mirrored = opposite &* w &+ (x == 0 ? 0 : w &- x)
        let place = y &* w &+ x
        // A row that is its own opposite holds both of each pair.
        guard y != opposite || place <= mirrored else { continue }
        filter(place, mirrored, ratios)
      }
    }
    // The inverse is the conjugate of the transform of the conjugate, over the count.
    for index in 0..<w &* h { work[index] = work[index].conjugate }
    fourier.transform(work)
    let scale = 1 / Float(w * h)
    for y in 0..<height {
      for x in 0..<width {
        let found = work[(y &+ Self.margin) &* w &+ x &+ Self.margin]
        result(x, y, (found.re * scale, 0 - found.im * scale))
      }
    }
  }

  /// Both planes at a frequency and at its opposite: one is in what is symmetric, the other in the rest.
  private func filter(_ place: Int, _ opposite: Int, _ ratios: (Float, Float)) {
    let (z, mirrored) = (work[place], work[opposite].conjugate)
    let kernel = spectrum[place]
    let power = kernel.re * kernel.re + kernel.im * kernel.im
    let first = (z + mirrored).rotated(by: kernel.conjugate).scaled(by: 0.5 / (power + ratios.0))
    // Times i.
    let second = (z - mirrored).rotated(by: kernel.conjugate).scaled(by: 0.5 / (power + ratios.1))
    work[place] = first + second
    if place != opposite { work[opposite] = (first - second).conjugate }
  }

  /// A plane beyond its edges: they are repeated, and fade to where the other side begins.
  private func continued(
    _ x: Int, _ y: Int, _ width: Int, _ height: Int,
    _ values: (_ x: Int, _ y: Int) -> (Float, Float)
  ) -> (Float, Float) {
    let (column, row) = (min(max(x, 0), width &- 1), min(max(y, 0), height &- 1))
    let (across, down) = (
      share(x, width, fourier.width &- width &- Self.margin),
      share(y, height, fourier.height &- height &- Self.margin)
    )
    let here = values(column, row)
    guard across > 0 || down > 0 else { return here }
    let (otherColumn, otherRow) = (width &- 1 &- column, height &- 1 &- row)
    let (beside, above) = (values(otherColumn, row), values(column, otherRow))
    let corner = values(otherColumn, otherRow)
    func mixed(_ a: Float, _ b: Float, _ c: Float, _ d: Float) -> Float {
      (a * (1 - across) + b * across) * (1 - down) + (c * (1 - across) + d * across) * down
    }
    return (
      mixed(here.0, beside.0, above.0, corner.0), mixed(here.1, beside.1, above.1, corner.1)
    )
  }

  /// How much of the other side: half of it where the continuations meet.
  private func share(_ index: Int, _ extent: Int, _ after: Int) -> Float {
    if index < 0 { return 0.5 - (Float(index + Self.margin) + 0.5) / Float(2 * Self.margin) }
    if index >= extent { return (Float(index - extent) + 0.5) / Float(2 * after) }
    return 0
  }
}
