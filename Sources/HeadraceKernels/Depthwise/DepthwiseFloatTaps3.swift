import CHeadrace

#if arch(arm64) || HEADRACE_VNNI

/// Three taps, whatever their distance: float32, a vector of channels of an output at a time.
@inline(__always)
func depthwiseFloatTaps3<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>,
  _ type: Vector.Type
) {
  let w0 = Vector.load(weights)
  let w1 = Vector.load(weights + work.weight_step)
  let w2 = Vector.load(weights + 2 &* work.weight_step)
  withUnsafePointer(to: Vector.bias(work.epilogue, channel)) { bias in
    row.forEachSpan(work, channel, Float.self) { span, y in
      var x0: UnsafePointer<Float>? = span.tap(0)
      var x1: UnsafePointer<Float>? = span.tap(1)
      var x2: UnsafePointer<Float>? = span.tap(2)
      // 64-bit ARM loads it for each output, which is sooner done than to copy it from register to register.
      var bias: UnsafePointer<Float>? = UnsafeRawPointer(bias).assumingMemoryBound(to: Float.self)
      var y = y
      let step0 = Int(span.steps[0]) &* 4
      let step1 = Int(span.steps[1]) &* 4
      let step2 = Int(span.steps[2]) &* 4
      for _ in 0..<span.pixels {
        var sums = Vector.take(&bias, step: 0).adding(w0, .take(&x0, step: step0))
        sums = sums.adding(w1, .take(&x1, step: step1))
        sums = sums.adding(w2, .take(&x2, step: step2))
        sums.store(y, work.epilogue)
        y += row.y_step
      }
    }
  }
}

#else

/// The same, all channels of four outputs before the next: they follow one another in memory, and weights are read once
/// for four.
func depthwiseFloatTaps3(_ work: hr_depthwise, _ row: hr_depthwise_row) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let weightStep = work.weight_step
  let step = row.y_step
  row.forEachSpan(work, 0, Float.self) { span, y in
    var (x0, x1, x2) = (span.tap(0), span.tap(1), span.tap(2))
    var y = y
    let (step0, step1) = (Int(span.steps[0]), Int(span.steps[1]))
    let step2 = Int(span.steps[2])
    var left = span.pixels
    while left > 0 {
      let isFour = left >= 4
      row.forEachBlock { channel in
        let w = weights + channel
        let bias = SIMD8<Float>.bias(work.epilogue, channel)
        if isFour {
          var sums = FourOutputs(repeating: bias)
          sums.addTap(.load(w), x0 + channel, step0)
          sums.addTap(.load(w + weightStep), x1 + channel, step1)
          sums.addTap(.load(w + 2 &* weightStep), x2 + channel, step2)
          sums.store(y + channel, step, work.epilogue)
        } else {
          var sums = bias.adding(.load(w), .load(x0 + channel))
          sums = sums.adding(.load(w + weightStep), .load(x1 + channel))
          sums = sums.adding(.load(w + 2 &* weightStep), .load(x2 + channel))
          sums.store(y + channel, work.epilogue)
        }
      }
      let outputs = isFour ? 4 : 1
      x0 += outputs &* step0
      x1 += outputs &* step1
      x2 += outputs &* step2
      y += outputs &* step
      left &-= outputs
    }
  }
}

#endif
