import Foundation

/// How alike two pictures of one size are, over all pixels and channels of 8 bits.
struct PictureSimilarity {
  let a: RGBPicture
  let b: RGBPicture

  /// Pixels of each side of SSIM's windows.
  static let window = 11

  /// The peak signal over noise in decibels; infinite if they are the same.
  var psnr: Double {
    var squares = 0
    for (x, y) in zip(a.pixels, b.pixels) {
      let difference = Int(x) - Int(y)
      squares += difference * difference
    }
    return 10 * log10(255 * 255 * Double(a.pixels.count) / Double(squares))
  }

  /// Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004): the mean over channels and all windows
  /// that fit, with Gaussian weights of 1.5 pixels. Both sides are at least as long as a window.
  var ssim: Double {
    (0..<3).map { channel in
      meanSimilarity(plane(a, channel), plane(b, channel))
    }.reduce(0, +) / 3
  }

  private func plane(_ picture: RGBPicture, _ channel: Int) -> [Double] {
    stride(from: channel, to: picture.pixels.count, by: 3).map { Double(picture.pixels[$0]) }
  }

  private func meanSimilarity(_ x: [Double], _ y: [Double]) -> Double {
    // Squares of 0.01 and 0.03 of the codes' range.
    let (first, second) = (6.5025, 58.5225)
    let (meanX, meanY) = (smoothed(x), smoothed(y))
    let squares = smoothed(x.indices.map { x[$0] * x[$0] + y[$0] * y[$0] })
    let products = smoothed(x.indices.map { x[$0] * y[$0] })
    var sum = 0.0
    for index in meanX.indices {
      let (u, v) = (meanX[index], meanY[index])
      let energy = u * u + v * v
      let covariance = products[index] - u * v
      sum +=
        (2 * u * v + first) * (2 * covariance + second)
        / ((energy + first) * (squares[index] - energy + second))
    }
    return sum / Double(meanX.count)
  }

  private static let weights: [Double] = {
    let all = (0..<window).map { exp(-0.5 * pow(Double($0 - window / 2) / 1.5, 2)) }
    let sum = all.reduce(0, +)
    return all.map { $0 / sum }
  }()

  /// Weighted means of the windows that fit.
  private func smoothed(_ plane: [Double]) -> [Double] {
    let (columns, rows) = (a.width - Self.window + 1, a.height - Self.window + 1)
    let weights = Self.weights
    var wide = [Double](repeating: 0, count: columns * a.height)
    for y in 0..<a.height {
      for x in 0..<columns {
        var sum = 0.0
        for tap in 0..<Self.window { sum += weights[tap] * plane[y * a.width + x + tap] }
        wide[y * columns + x] = sum
      }
    }
    var result = [Double](repeating: 0, count: columns * rows)
    for y in 0..<rows {
      for tap in 0..<Self.window {
        let (weight, from) = (weights[tap], (y + tap) * columns)
        for x in 0..<columns { result[y * columns + x] += weight * wide[from + x] }
      }
    }
    return result
  }
}
