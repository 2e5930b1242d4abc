import CHeadrace

/// Three taps, whatever their distance: float32, a vector of channels of an output at a time.
@inline(__always)
func depthwiseFloatTaps3<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>,
  _ type: Vector.Type
) {
  let w0 = Vector.load(weights)
  let w1 = Vector.load(weights + work.weight_step)
  let w2 = Vector.load(weights + 2 &* work.weight_step)
  let bias = Vector.bias(work.epilogue, channel)
  row.forEachSpan(work, channel, Float.self) { span, y in
    var x0 = span.tap(0)
    var x1 = span.tap(1)
    var x2 = span.tap(2)
    var y = y
    let step0 = Int(span.steps[0])
    let step1 = Int(span.steps[1])
    let step2 = Int(span.steps[2])
    for _ in 0..<span.pixels {
      var sums = bias.adding(w0, Vector.load(x0))
      sums = sums.adding(w1, Vector.load(x1))
      sums = sums.adding(w2, Vector.load(x2))
      sums.store(y, work.epilogue)
      x0 += step0
      x1 += step1
      x2 += step2
      y += row.y_step
    }
  }
}
