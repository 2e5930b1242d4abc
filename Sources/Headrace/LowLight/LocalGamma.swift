/// A gamma for each place of a picture, in fixed point.
///
/// A network says exponents at the middles of 16 x 24 cells, two for each: the logarithm to base 2 of the gamma in the
/// dark, and how much more it is where the greatest channel is 255. Between, they are interpolated bilinearly.
///
/// A code c becomes 255 (c / 255)^g. Its logarithm comes from a table, in Q11, the gamma as a power of two, in Q12,
/// and the result as a power of two of their product; powers of two have 256 steps for each doubling, which is less
/// than half a code.
struct LocalGamma {
  static var rows: Int { 16 }
  static var columns: Int { 24 }
  static var count: Int { 2 * rows * columns }
  /// The largest exponent, so that a gamma is at most 8.
  private static var most: Float { 1.5 }
  /// What black counts as: 1 / 1024.
  private static var blackest: UInt16 { 10 << 11 }

  /// [rows][columns][2]: what the network says, followed from frame to frame.
  let exponents: UnsafeMutablePointer<Float>
  /// [256]: minus the logarithm to base 2 of a code's share of 255, Q11.
  private let logarithms: UnsafeMutablePointer<UInt16>
  /// [256]: 2^(-i / 256), Q16 less one.
  private let powers: UnsafeMutablePointer<UInt16>

  static var byteCount: Int { 4 * count + 4 * 256 }

  init(_ memory: UnsafeMutableRawPointer) {
    exponents = memory.assumingMemoryBound(to: Float.self)
    logarithms = UnsafeMutableRawPointer(exponents + Self.count).assumingMemoryBound(
      to: UInt16.self)
    powers = logarithms + 256
  }

  func makeTables() {
    let (logarithmOfTwo, steps): (Float, Float) = (0.693_147_2, 256)
    for code in 0..<256 {
      let logarithm = code == 0 ? 1 : Elementary.log(Float(code) / 255) / -logarithmOfTwo
      logarithms[code] = code == 0 ? Self.blackest : UInt16((logarithm * 2048).rounded())
      let power = Elementary.exp(Float(code) * -logarithmOfTwo / steps)
      powers[code] = UInt16((power * 65_536).rounded() - 1)
    }
  }

  /// Takes over exponents, all the way or by a share.
  func approach(_ found: UnsafePointer<Float>, by share: Float) {
    for index in 0..<Self.count {
      // What is not a number changes nothing.
      let value = found[index] == found[index] ? min(max(found[index], -Self.most), Self.most) : 0
      let before = share < 1 ? exponents[index] : 0
      exponents[index] = share < 1 ? before + share * (value - before) : value
    }
  }

  /// Cells before and after a pixel's middle, and how far it is from one to the other, Q12.
  private static func place(_ index: Int, of extent: Int, cells: Int) -> (Int, Int, Int32) {
    // (index + 1/2) cells / extent - 1/2
    let middle = ((2 &* index &+ 1) &* cells &<< 11) / extent &- 2048
    let bounded = min(max(middle, 0), (cells &- 1) &<< 12)
    let first = bounded &>> 12
    return (first, min(first &+ 1, cells &- 1), Int32(truncatingIfNeeded: bounded & 4095))
  }

  /// One of the exponents of row `y`, at a column of cells, Q12.
  private func exponent(_ row: (Int, Int, Int32), _ column: Int, _ which: Int) -> Int32 {
    func fixed(_ row: Int) -> Int32 {
      Int32((exponents[2 &* (row &* Self.columns &+ column) &+ which] * 4096).rounded())
    }
    let (above, below) = (fixed(row.0), fixed(row.1))
    return above &+ ((below &- above) &* row.2 &+ 2048) &>> 12
  }

  /// Some pixels of row `y`, from column `x` on, in a picture of width x height.
  func apply(
    _ rgb: UnsafeMutablePointer<UInt8>, _ count: Int, from x: Int, row y: Int, _ width: Int,
    _ height: Int
  ) {
    let row = Self.place(y, of: height, cells: Self.rows)
    var cell = -1
    var (dark, darkStep, more, moreStep): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    for column in 0..<count {
      let place = Self.place(x &+ column, of: width, cells: Self.columns)
      if place.0 != cell {
        cell = place.0
        (dark, more) = (exponent(row, cell, 0), exponent(row, cell, 1))
        darkStep = exponent(row, place.1, 0) &- dark
        moreStep = exponent(row, place.1, 1) &- more
      }
      let pixel = rgb + 3 &* column
      let light = Int32(max(pixel[0], pixel[1], pixel[2]))
      let inDark = dark &+ (darkStep &* place.2 &+ 2048) &>> 12
      let inLight = more &+ (moreStep &* place.2 &+ 2048) &>> 12
      let gamma = gamma(inDark &+ (inLight &* light &* 257 &+ 32_768) &>> 16)
      for channel in 0..<3 {
        let product = UInt32(truncatingIfNeeded: gamma) &* UInt32(logarithms[Int(pixel[channel])])
        let fraction = UInt32(powers[Int(truncatingIfNeeded: (product &>> 15) & 255)]) &+ 1
        pixel[channel] = UInt8(
          truncatingIfNeeded: ((fraction &* 255) &>> min(product &>> 23, 31) &+ 32_768) &>> 16)
      }
    }
  }

  /// 2^exponent, both Q12.
  private func gamma(_ exponent: Int32) -> Int32 {
    // 2^e = 2^n 2^-f with f from 0 to less than one.
    let whole = (exponent &+ 4095) &>> 12
    let fraction = (whole &<< 12) &- exponent
    let power = (Int32(powers[Int(truncatingIfNeeded: fraction &>> 4)]) &+ 1) &>> 4
    return whole >= 0 ? power &<< whole : power &>> (0 &- whole)
  }
}
