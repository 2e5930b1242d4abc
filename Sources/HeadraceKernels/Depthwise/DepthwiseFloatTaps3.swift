import CHeadrace

/// Three taps, whatever their distance: float32, eight channels of an output at a time.
@inline(__always)
func depthwiseFloatTaps3(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>
) {
  let w0 = load8(weights)
  let w1 = load8(weights + work.weight_step)
  let w2 = load8(weights + 2 &* work.weight_step)
  let bias = work.epilogue.bias8(channel, as: Float.self)
  row.forEachSpan(work, channel, Float.self) { span, y in
    var x0 = span.tap(0)
    var x1 = span.tap(1)
    var x2 = span.tap(2)
    var y = y
    let step0 = Int(span.steps[0])
    let step1 = Int(span.steps[1])
    let step2 = Int(span.steps[2])
    for _ in 0..<span.pixels {
      var sums = hr_mac_lanes_f32x8(bias, w0, load8(x0))
      sums = hr_mac_lanes_f32x8(sums, w1, load8(x1))
      sums = hr_mac_lanes_f32x8(sums, w2, load8(x2))
      store8(work.epilogue.float(sums), y, 8)
      x0 += step0
      x1 += step1
      x2 += step2
      y += row.y_step
    }
  }
}
