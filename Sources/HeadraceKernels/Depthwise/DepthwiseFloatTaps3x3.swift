import CHeadrace

private typealias Vector = SIMD8<Float>

/// The weights of a row of a kernel.
private struct RowWeights {
  let tap0: Vector
  let tap1: Vector
  let tap2: Vector

  @inline(__always)
  init(_ weights: UnsafePointer<Float>, _ step: Int, row: Int) {
    tap0 = load8(weights + 3 &* row &* step)
    tap1 = load8(weights + (3 &* row &+ 1) &* step)
    tap2 = load8(weights + (3 &* row &+ 2) &* step)
  }
}

/// Sums of neighbouring outputs.
private struct Sums {
  var output0: Vector
  var output1: Vector
  var output2: Vector
  var output3: Vector

  @inline(__always)
  init(repeating bias: Vector) {
    output0 = bias
    output1 = bias
    output2 = bias
    output3 = bias
  }

  /// Adds a row of the kernel to four outputs of stride 1. Each column is read once.
  @inline(__always)
  mutating func addRow(_ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights) {
    let x0 = load8(x)
    let x1 = load8(x + column)
    let x2 = load8(x + 2 &* column)
    output0 = add(add(add(output0, w.tap0, x0), w.tap1, x1), w.tap2, x2)
    let x3 = load8(x + 3 &* column)
    output1 = add(add(add(output1, w.tap0, x1), w.tap1, x2), w.tap2, x3)
    let x4 = load8(x + 4 &* column)
    output2 = add(add(add(output2, w.tap0, x2), w.tap1, x3), w.tap2, x4)
    let x5 = load8(x + 5 &* column)
    output3 = add(add(add(output3, w.tap0, x3), w.tap1, x4), w.tap2, x5)
  }

  /// Adds a row of the kernel to four outputs of stride 2.
  @inline(__always)
  mutating func addRowStride2(_ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights) {
    let x2 = load8(x + 2 &* column)
    output0 = add(
      add(add(output0, w.tap0, load8(x)), w.tap1, load8(x + column)), w.tap2, x2)
    let x4 = load8(x + 4 &* column)
    output1 = add(
      add(add(output1, w.tap0, x2), w.tap1, load8(x + 3 &* column)), w.tap2, x4)
    let x6 = load8(x + 6 &* column)
    output2 = add(
      add(add(output2, w.tap0, x4), w.tap1, load8(x + 5 &* column)), w.tap2, x6)
    output3 = add(
      add(add(output3, w.tap0, x6), w.tap1, load8(x + 7 &* column)), w.tap2,
      load8(x + 8 &* column))
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ step: Int, _ epilogue: hr_epilogue) {
    store8(epilogue.float(output0), y, 8)
    store8(epilogue.float(output1), y + step, 8)
    store8(epilogue.float(output2), y + 2 &* step, 8)
    store8(epilogue.float(output3), y + 3 &* step, 8)
  }
}

@inline(__always)
private func add(_ sum: Vector, _ w: Vector, _ x: Vector) -> Vector {
  hr_mac_lanes_f32x8(sum, w, x)
}

/// 3x3, stride 1 or 2: float32, four outputs by eight channels at a time.
@inline(__always)
func depthwiseFloatTaps3x3(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>
) {
  let row0 = RowWeights(weights, work.weight_step, row: 0)
  let row1 = RowWeights(weights, work.weight_step, row: 1)
  let row2 = RowWeights(weights, work.weight_step, row: 2)
  let bias = work.epilogue.bias8(channel, as: Float.self)
  let step = row.y_step
  row.forEachSpan(work, channel, Float.self) { span, y in
    var y = y
    var pixel = 0
    if span.isInside {
      var x0 = span.tap(0)
      var x1 = span.tap(3)
      var x2 = span.tap(6)
      let column0 = span.column(row: 0)
      let column1 = span.column(row: 1)
      let column2 = span.column(row: 2)
      let advance = 4 &* Int(work.stride)
      while pixel &+ 4 <= span.pixels {
        var sums = Sums(repeating: bias)
        if work.stride == 1 {
          sums.addRow(x0, column0, row0)
          sums.addRow(x1, column1, row1)
          sums.addRow(x2, column2, row2)
        } else {
          sums.addRowStride2(x0, column0, row0)
          sums.addRowStride2(x1, column1, row1)
          sums.addRowStride2(x2, column2, row2)
        }
        sums.store(y, step, work.epilogue)
        x0 += advance &* column0
        x1 += advance &* column1
        x2 += advance &* column2
        y += 4 &* step
        pixel &+= 4
      }
    }
    while pixel < span.pixels {
      var sums = bias
      sums = add(sums, row0.tap0, load8(span.tap(0, pixel: pixel)))
      sums = add(sums, row0.tap1, load8(span.tap(1, pixel: pixel)))
      sums = add(sums, row0.tap2, load8(span.tap(2, pixel: pixel)))
      sums = add(sums, row1.tap0, load8(span.tap(3, pixel: pixel)))
      sums = add(sums, row1.tap1, load8(span.tap(4, pixel: pixel)))
      sums = add(sums, row1.tap2, load8(span.tap(5, pixel: pixel)))
      sums = add(sums, row2.tap0, load8(span.tap(6, pixel: pixel)))
      sums = add(sums, row2.tap1, load8(span.tap(7, pixel: pixel)))
      sums = add(sums, row2.tap2, load8(span.tap(8, pixel: pixel)))
      store8(work.epilogue.float(sums), y, 8)
      y += step
      pixel &+= 1
    }
  }
}
