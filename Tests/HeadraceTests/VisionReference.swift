import Foundation

/// Pixels in double precision: what frames are compared against.
struct ReferencePicture {
  var width: Int
  var height: Int
  /// [height][width][3]
  var values: [Double]

  init(width: Int, height: Int, values: [Double]) {
    (self.width, self.height, self.values) = (width, height, values)
  }

  init(width: Int, height: Int, pixel: (_ x: Int, _ y: Int) -> [Double]) {
    (self.width, self.height) = (width, height)
    values = (0..<height).flatMap { y in (0..<width).flatMap { x in pixel(x, y) } }
  }

  func value(_ x: Int, _ y: Int, _ channel: Int) -> Double {
    values[(y * width + x) * 3 + channel]
  }

  /// The mean over [x0, x1) x [y0, y1), in pixels, by summing every pixel's overlap.
  func mean(_ x0: Double, _ x1: Double, _ y0: Double, _ y1: Double, _ channel: Int) -> Double {
    var sum = 0.0
    for y in max(0, Int(y0))..<min(height, Int(y1.rounded(.up))) {
      let down = min(y1, Double(y + 1)) - max(y0, Double(y))
      for x in max(0, Int(x0))..<min(width, Int(x1.rounded(.up))) {
        let across = min(x1, Double(x + 1)) - max(x0, Double(x))
        sum += max(0, down) * max(0, across) * value(x, y, channel)
      }
    }
    return sum / ((x1 - x0) * (y1 - y0))
  }

  /// The value at a point, pixel centres lying at halves; the edge repeats.
  func bilinear(_ x: Double, _ y: Double, _ channel: Int) -> Double {
    func clamp(_ i: Int, _ n: Int) -> Int { min(max(i, 0), n - 1) }
    let left = (x - 0.5).rounded(.down)
    let top = (y - 0.5).rounded(.down)
    let (fx, fy) = (x - 0.5 - left, y - 0.5 - top)
    let (x0, x1) = (clamp(Int(left), width), clamp(Int(left) + 1, width))
    let (y0, y1) = (clamp(Int(top), height), clamp(Int(top) + 1, height))
    let above = value(x0, y0, channel) * (1 - fx) + value(x1, y0, channel) * fx
    let below = value(x0, y1, channel) * (1 - fx) + value(x1, y1, channel) * fx
    return above * (1 - fy) + below * fy
  }

  /// Scales the window at (x, y) of the given size to `width` x `height`.
  func resized(
    window: (x: Double, y: Double, width: Double, height: Double), width: Int, height: Int,
    area: Bool
  ) -> ReferencePicture {
    let (stepX, stepY) = (window.width / Double(width), window.height / Double(height))
    return ReferencePicture(width: width, height: height) { x, y in
      let left = window.x + Double(x) * stepX
      let top = window.y + Double(y) * stepY
      return (0..<3).map {
        area
          ? self.mean(left, left + stepX, top, top + stepY, $0)
          : self.bilinear(left + stepX / 2, top + stepY / 2, $0)
      }
    }
  }

  /// The farthest that a byte lies from the value here.
  func largestError(_ bytes: [UInt8]) -> Double {
    zip(values, bytes).map { abs($0 - Double($1)) }.max() ?? .infinity
  }
}

/// BT.601 from its defining constants, K_r = 0.299 and K_b = 0.114.
func referenceRGB(y: UInt8, u: UInt8, v: UInt8, fullRange: Bool) -> [Double] {
  referenceRGB(y: Double(y), u: Double(u), v: Double(v), fullRange: fullRange)
}

/// The same of values between codes.
func referenceRGB(y: Double, u: Double, v: Double, fullRange: Bool) -> [Double] {
  let luma = fullRange ? y / 255 : (y - 16) / 219
  let chromaRange = fullRange ? 255.0 : 224.0
  let blueDifference = (u - 128) / chromaRange
  let redDifference = (v - 128) / chromaRange
  let (kr, kb) = (0.299, 0.114)
  let red = luma + 2 * (1 - kr) * redDifference
  let blue = luma + 2 * (1 - kb) * blueDifference
  let green = (luma - kr * red - kb * blue) / (1 - kr - kb)
  return [red, green, blue].map { min(max($0 * 255, 0), 255) }
}

/// A reproducible source of bytes.
struct ByteSource {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt8 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in next() } }
}
