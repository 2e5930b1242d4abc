/// Walks over a latent in the order of its elements and codes each one's difference from its
/// prediction. The same walk encodes and decodes. About 5 KiB of state, on the stack.
struct LatentCoder {
  /// Extents, N x H x W x C; missing ones are 1.
  struct Shape {
    var batch: Int
    var height: Int
    var width: Int
    var channels: Int
    /// Elements from one place to the next: more than the channels where they are some of more.
    var stride: Int
  }

  /// Channels beyond these share the predictors of earlier ones.
  private static let predictorCount = 64

  private var predictors = InlineArray<64, ChannelPredictor>(repeating: .init())
  private var residuals = ResidualCoder()

  /// Encodes all elements, or decodes them into `elements`. false: the code holds a symbol that the
  /// elements cannot have.
  mutating func code(
    _ elements: LatentElements, _ shape: Shape, with coder: inout RangeCoder
  ) -> Bool {
    let decoding = coder.isDecoding
    let symbols = elements.lowestSymbol...elements.highestSymbol
    let rowStride = shape.width &* shape.stride
    for row in 0..<shape.batch &* shape.height {
      let isTop = row % shape.height == 0
      for column in 0..<shape.width {
        let first = row &* rowStride &+ column &* shape.stride
        var nearResidual: Int32 = 0
        for channel in 0..<shape.channels {
          let index = first &+ channel
          let near = neighbours(
            elements, index, shape, rowStride, isTop: isTop, column: column)
          let slot = channel & (Self.predictorCount &- 1)
          let fine = predictors[slot].prediction(near)
          let prediction = (fine &+ 8) &>> 4
          let activity =
            near.gradient &+ predictors[slot].typicalResidual
            &+ Int32(truncatingIfNeeded: nearResidual.magnitude)
          let context = ResidualCoder.Context(
            activity: ResidualCoder.activityClass(activity),
            fraction: fine &- prediction &* 16)
          let symbol = decoding ? 0 : elements[index]
          let residual = residuals.code(symbol &- prediction, context, with: &coder)
          let coded = prediction &+ residual
          if decoding {
            guard symbols.contains(coded) else { return false }
            elements[index] = coded
          }
          predictors[slot].learn(coded, residual: residual, near)
          nearResidual = residual
        }
      }
    }
    return true
  }

  /// What lies beyond an edge is taken from the nearest neighbour inside; the very first is 0.
  private func neighbours(
    _ elements: LatentElements, _ index: Int, _ shape: Shape, _ rowStride: Int, isTop: Bool,
    column: Int
  ) -> ChannelPredictor.Neighbours {
    let left = column > 0 ? elements[index &- shape.stride] : nil
    guard !isTop else {
      let only = left ?? 0
      return .init(left: only, up: only, upLeft: only, upRight: only)
    }
    let above = index &- rowStride
    let up = elements[above]
    return .init(
      left: left ?? up, up: up, upLeft: column > 0 ? elements[above &- shape.stride] : up,
      upRight: column &+ 1 < shape.width ? elements[above &+ shape.stride] : up)
  }
}
