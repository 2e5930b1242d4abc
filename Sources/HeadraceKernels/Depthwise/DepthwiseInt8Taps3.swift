import CHeadrace

/// Three taps, whatever their distance: int8, eight channels of an output at a time.
@inline(__always)
func depthwiseInt8Taps3(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Int8>,
  _ epilogue: EpilogueInt8
) {
  let w = TripleInt8(weights, work.weight_step)
  row.forEachSpan(work, channel, Int8.self) { span, y in
    var x0 = span.tap(0)
    var x1 = span.tap(1)
    var x2 = span.tap(2)
    var y = y
    let step0 = Int(span.steps[0])
    let step1 = Int(span.steps[1])
    let step2 = Int(span.steps[2])
    for _ in 0..<span.pixels {
      let sums = w.even(
        epilogue.bias, hr_load_pair_i8(x0, x1), hr_load_pair_i8(x2, x2))
      store8(epilogue.small(sums), y, 8)
      x0 += step0
      x1 += step1
      x2 += step2
      y += row.y_step
    }
  }
}
