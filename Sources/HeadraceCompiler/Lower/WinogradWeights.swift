import CHeadrace

/// The transform of a convolution's weights for HRM_WINOGRAD_CONV2D, and when it is worth it.
struct WinogradWeights {
  let kernel: Int
  let stride: Int
  let inputChannels: Int

  /// Of the kernel along an axis, in one phase of the stride.
  var taps: Int { (kernel + stride - 1) / stride }
  var depth: Int { stride * stride * inputChannels }
  var size: Int { 7 - taps }
  static let points = 36

  /// nil: this convolution has no Winograd form, or the plain one is faster.
  init?(_ convolution: Convolution, shape: [Int], output: [Int]) {
    kernel = shape[2]
    stride = convolution.strides[0]
    inputChannels = shape[1]
    guard
      convolution.groups == 1, convolution.dilations == [1, 1], shape[3] == kernel,
      convolution.strides == [stride, stride], (1...2).contains(stride), (3...4).contains(taps),
      depth <= 65536, isWorthwhile(outputChannels: shape[0], output: output)
    else { return nil }
  }

  /// Compares vector operations for the outputs of a tile, all channels, as counted on a CPU with
  /// vectors of four: products, and about 54 operations for each input channel and 44 for each output
  /// channel of the transforms. Too few tiles would not pay for reading four times the weights.
  private func isWorthwhile(outputChannels: Int, output: [Int]) -> Bool {
    func tiles(_ extent: Int) -> Int { (extent + size - 1) / size }
    let count = output[0] * tiles(output[1]) * tiles(output[2])
    let pixels = output[0] * output[1] * output[2]
    let plain = Double(pixels * kernel * kernel * inputChannels * outputChannels) / 4
    let products = WinogradWeights.points * depth * outputChannels / 4
    let transforms = 54 * depth + 44 * outputChannels
    return count >= 16 && Double(count * (products + transforms)) < 0.9 * plain
  }

  /// G of FORMAT.md: from taps to points.
  private var matrix: [[Double]] {
    let places = [0.0, 1, -1, 2, -2]
    let factors = [1 / 4.0, -1 / 6.0, -1 / 6.0, 1 / 24.0, 1 / 24.0]
    var rows = zip(places, factors).map { place, factor in
      var power = factor
      return (0..<taps).map { _ in
        defer { power *= place }
        return power
      }
    }
    rows.append((0..<taps).map { $0 == taps - 1 ? 1 : 0 })
    return rows
  }

  /// `rows`: weights of each output channel, [kh][kw][I]. Returns [ceil(O / 8)][36][K][8].
  func pack(_ rows: [[Float]]) -> [Float] {
    let blocks = (rows.count + 7) / 8
    let g = matrix
    var packed = [Float](repeating: 0, count: blocks * WinogradWeights.points * depth * 8)
    for (channel, row) in rows.enumerated() {
      let start = channel / 8 * WinogradWeights.points * depth * 8 + channel % 8
      for phase in 0..<stride * stride {
        for input in 0..<inputChannels {
          let transformed = transform(g) { rowTap, columnTap in
            let y = stride * rowTap + phase / stride
            let x = stride * columnTap + phase % stride
            return y < kernel && x < kernel
              ? Double(row[(y * kernel + x) * inputChannels + input]) : 0
          }
          let place = phase * inputChannels + input
          for (point, value) in transformed.enumerated() {
            packed[start + (point * depth + place) * 8] = Float(value)
          }
        }
      }
    }
    return packed
  }

  /// G w G^T, row by row.
  private func transform(_ g: [[Double]], _ weight: (Int, Int) -> Double) -> [Double] {
    let half = g.map { factors in
      (0..<taps).map { column in (0..<taps).reduce(0) { $0 + factors[$1] * weight($1, column) } }
    }
    return half.flatMap { line in
      g.map { factors in (0..<taps).reduce(0) { $0 + factors[$1] * line[$1] } }
    }
  }
}
