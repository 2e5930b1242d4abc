import CHeadrace

#if arch(arm64)

private typealias Input = UnsafePointer<Float>?

/// The weights of a row of a kernel.
private struct RowWeights {
  let tap0: SIMD8<Float>
  let tap1: SIMD8<Float>
  let tap2: SIMD8<Float>

  @inline(__always)
  init(_ weights: inout UnsafePointer<Float>, _ step: Int) {
    tap0 = load8(weights)
    tap1 = load8(weights + step)
    tap2 = load8(weights + 2 &* step)
    weights += 3 &* step
  }
}

/// Sums of neighbouring outputs.
private struct Sums {
  var output0: SIMD8<Float>
  var output1: SIMD8<Float>
  var output2: SIMD8<Float>
  var output3: SIMD8<Float>

  @inline(__always)
  init(_ bias: inout Input) {
    output0 = load8(bias.unsafelyUnwrapped)
    hr_load_anew(&bias)
    output1 = load8(bias.unsafelyUnwrapped)
    hr_load_anew(&bias)
    output2 = load8(bias.unsafelyUnwrapped)
    hr_load_anew(&bias)
    output3 = load8(bias.unsafelyUnwrapped)
  }

  /// Adds a row of the kernel to four outputs of stride 1. `x` moves on to the next four.
  @inline(__always)
  mutating func addRow(_ x: inout Input, _ column: Int, _ w: RowWeights) {
    let x0 = hr_walk_f32x8(&x, column)
    add(&output0, w.tap0, x0)
    let x1 = hr_walk_f32x8(&x, column)
    add(&output0, w.tap1, x1)
    add(&output1, w.tap0, x1)
    let x2 = hr_walk_f32x8(&x, column)
    add(&output0, w.tap2, x2)
    add(&output1, w.tap1, x2)
    add(&output2, w.tap0, x2)
    let x3 = hr_walk_f32x8(&x, column)
    add(&output1, w.tap2, x3)
    add(&output2, w.tap1, x3)
    add(&output3, w.tap0, x3)
    let x4 = hr_walk_f32x8(&x, column)
    add(&output2, w.tap2, x4)
    add(&output3, w.tap1, x4)
    let x5 = hr_walk_f32x8(&x, 0 &- column)
    add(&output3, w.tap2, x5)
  }

  /// Adds a row of the kernel to four outputs of stride 2. `x` moves on to the next four.
  @inline(__always)
  mutating func addRowStride2(_ x: inout Input, _ column: Int, _ w: RowWeights) {
    add(&output0, w.tap0, hr_walk_f32x8(&x, column))
    add(&output0, w.tap1, hr_walk_f32x8(&x, column))
    let x2 = hr_walk_f32x8(&x, column)
    add(&output0, w.tap2, x2)
    add(&output1, w.tap0, x2)
    add(&output1, w.tap1, hr_walk_f32x8(&x, column))
    let x4 = hr_walk_f32x8(&x, column)
    add(&output1, w.tap2, x4)
    add(&output2, w.tap0, x4)
    add(&output2, w.tap1, hr_walk_f32x8(&x, column))
    let x6 = hr_walk_f32x8(&x, column)
    add(&output2, w.tap2, x6)
    add(&output3, w.tap0, x6)
    add(&output3, w.tap1, hr_walk_f32x8(&x, column))
    add(&output3, w.tap2, load8(x.unsafelyUnwrapped))
  }

  /// Limits that are infinite limit nothing and cost nothing.
  @inline(__always)
  mutating func clamp(_ epilogue: hr_epilogue) {
    if epilogue.clamp_min != Int32(bitPattern: (-Float.infinity).bitPattern) {
      let low = Float(bitPattern: UInt32(bitPattern: epilogue.clamp_min))
      output0 = hr_raise_f32x8(output0, low)
      output1 = hr_raise_f32x8(output1, low)
      output2 = hr_raise_f32x8(output2, low)
      output3 = hr_raise_f32x8(output3, low)
    }
    if epilogue.clamp_max != Int32(bitPattern: Float.infinity.bitPattern) {
      let high = Float(bitPattern: UInt32(bitPattern: epilogue.clamp_max))
      output0 = hr_lower_f32x8(output0, high)
      output1 = hr_lower_f32x8(output1, high)
      output2 = hr_lower_f32x8(output2, high)
      output3 = hr_lower_f32x8(output3, high)
    }
  }

  @inline(__always)
  func store(_ y: inout UnsafeMutablePointer<Float>?, _ step: Int) {
    hr_walk_store_f32x8(&y, step, output0)
    hr_walk_store_f32x8(&y, step, output1)
    hr_walk_store_f32x8(&y, step, output2)
    hr_walk_store_f32x8(&y, step, output3)
  }
}

@inline(__always)
private func add(_ sum: inout SIMD8<Float>, _ w: SIMD8<Float>, _ x: SIMD8<Float>) {
  sum = hr_mac_lanes_f32x8(sum, w, x)
}

/// 3x3, stride 1 or 2: float32, eight channels of four outputs at a time. Each column is read once, by a load
/// that moves on to the next.
@inline(__always)
func depthwiseFloatTaps3x3(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>
) {
  var weights = weights
  let weightStep = work.weight_step
  let row0 = RowWeights(&weights, weightStep)
  let row1 = RowWeights(&weights, weightStep)
  let row2 = RowWeights(&weights, weightStep)
  let epilogue = work.epilogue
  let yStep = row.y_step &* 4
  let stride = Int(work.stride)
  // Loaded for each output: registers are scarce.
  withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: 9) { next in
    withUnsafePointer(to: work.epilogue.bias8(channel, as: Float.self)) { bias in
      var bias: Input = UnsafeRawPointer(bias).assumingMemoryBound(to: Float.self)
      row.forEachSpan(work, channel, Float.self) { span, y in
        var y: UnsafeMutablePointer<Float>? = y
        var left = span.pixels
        if span.isInside && left >= 4 {
          var x0: Input = span.tap(0)
          var x1: Input = span.tap(3)
          var x2: Input = span.tap(6)
          let column0 = span.columnBytes(row: 0)
          let column1 = span.columnBytes(row: 1)
          let column2 = span.columnBytes(row: 2)
          @inline(__always)
          func sumFours(_ addRow: (inout Sums, inout Input, Int, RowWeights) -> Void) {
            repeat {
              // The last four are computed again in part, which is sooner done than each of the rest alone.
              if left < 4 {
                let back = left &- 4
                move(&x0, back &* stride &* column0)
                move(&x1, back &* stride &* column1)
                move(&x2, back &* stride &* column2)
                y = y.unsafelyUnwrapped + back &* row.y_step
              }
              var sums = Sums(&bias)
              addRow(&sums, &x0, column0, row0)
              hr_load_no_sooner()
              addRow(&sums, &x1, column1, row1)
              hr_load_no_sooner()
              addRow(&sums, &x2, column2, row2)
              sums.clamp(epilogue)
              sums.store(&y, yStep)
              left &-= 4
            } while left > 0
          }
          if stride == 1 {
            sumFours { $0.addRow(&$1, $2, $3) }
          } else {
            sumFours { $0.addRowStride2(&$1, $2, $3) }
          }
          return
        }
        var list = span.x
        while true {
          var sum = load8(bias.unsafelyUnwrapped)
          add(&sum, row0.tap0, load(list[0], channel))
          add(&sum, row0.tap1, load(list[1], channel))
          add(&sum, row0.tap2, load(list[2], channel))
          add(&sum, row1.tap0, load(list[3], channel))
          add(&sum, row1.tap1, load(list[4], channel))
          add(&sum, row1.tap2, load(list[5], channel))
          add(&sum, row2.tap0, load(list[6], channel))
          add(&sum, row2.tap1, load(list[7], channel))
          add(&sum, row2.tap2, load(list[8], channel))
          hr_walk_store_f32x8(&y, yStep, work.epilogue.float(sum))
          left &-= 1
          if left == 0 { return }
          for tap in 0..<9 {
            next[tap] = list[tap].unsafelyUnwrapped + 4 &* Int(span.steps[tap])
          }
          list = UnsafePointer(next.baseAddress.unsafelyUnwrapped)
        }
      }
    }
  }
}

@inline(__always)
private func load(_ x: UnsafeRawPointer?, _ channel: Int) -> SIMD8<Float> {
  load8(x.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + channel)
}

@inline(__always)
private func move(_ x: inout Input, _ bytes: Int) {
  x = (UnsafeRawPointer(x.unsafelyUnwrapped) + bytes).assumingMemoryBound(to: Float.self)
}

extension hr_depthwise_row.Span<Float> {
  /// From a tap of row `row` to the next tap.
  @inline(__always)
  fileprivate func columnBytes(row: Int) -> Int {
    x[3 &* row &+ 1].unsafelyUnwrapped - x[3 &* row].unsafelyUnwrapped
  }
}

#endif
