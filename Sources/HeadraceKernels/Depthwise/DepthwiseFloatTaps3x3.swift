import CHeadrace

#if !arch(arm64)

/// The weights of a row of a kernel.
private struct RowWeights<Vector: FloatLanes> {
  let tap0: Vector
  let tap1: Vector
  let tap2: Vector

  @inline(__always)
  init(_ weights: UnsafePointer<Float>, _ step: Int, row: Int) {
    tap0 = Vector.load(weights + 3 &* row &* step)
    tap1 = Vector.load(weights + (3 &* row &+ 1) &* step)
    tap2 = Vector.load(weights + (3 &* row &+ 2) &* step)
  }
}

/// Sums of neighbouring outputs.
private struct Sums<Vector: FloatLanes> {
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
  mutating func addRow(_ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights<Vector>) {
    let x0 = Vector.load(x)
    let x1 = Vector.load(x + column)
    let x2 = Vector.load(x + 2 &* column)
    output0 = add(add(add(output0, w.tap0, x0), w.tap1, x1), w.tap2, x2)
    let x3 = Vector.load(x + 3 &* column)
    output1 = add(add(add(output1, w.tap0, x1), w.tap1, x2), w.tap2, x3)
    let x4 = Vector.load(x + 4 &* column)
    output2 = add(add(add(output2, w.tap0, x2), w.tap1, x3), w.tap2, x4)
    let x5 = Vector.load(x + 5 &* column)
    output3 = add(add(add(output3, w.tap0, x3), w.tap1, x4), w.tap2, x5)
  }

  /// Adds a row of the kernel to four outputs of stride 2.
  @inline(__always)
  mutating func addRowStride2(_ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights<Vector>) {
    let x2 = Vector.load(x + 2 &* column)
    output0 = add(
      add(add(output0, w.tap0, Vector.load(x)), w.tap1, Vector.load(x + column)), w.tap2, x2)
    let x4 = Vector.load(x + 4 &* column)
    output1 = add(
      add(add(output1, w.tap0, x2), w.tap1, Vector.load(x + 3 &* column)), w.tap2, x4)
    let x6 = Vector.load(x + 6 &* column)
    output2 = add(
      add(add(output2, w.tap0, x4), w.tap1, Vector.load(x + 5 &* column)), w.tap2, x6)
    output3 = add(
      add(add(output3, w.tap0, x6), w.tap1, Vector.load(x + 7 &* column)), w.tap2,
      Vector.load(x + 8 &* column))
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ step: Int, _ epilogue: hr_epilogue) {
    output0.store(y, epilogue)
    output1.store(y + step, epilogue)
    output2.store(y + 2 &* step, epilogue)
    output3.store(y + 3 &* step, epilogue)
  }
}

@inline(__always)
private func add<Vector: FloatLanes>(_ sum: Vector, _ w: Vector, _ x: Vector) -> Vector {
  sum.adding(w, x)
}

/// 3x3, stride 1 or 2: float32, four outputs by a vector of channels at a time.
@inline(__always)
func depthwiseFloatTaps3x3<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channel: Int, _ weights: UnsafePointer<Float>,
  _ type: Vector.Type
) {
  let row0 = RowWeights<Vector>(weights, work.weight_step, row: 0)
  let row1 = RowWeights<Vector>(weights, work.weight_step, row: 1)
  let row2 = RowWeights<Vector>(weights, work.weight_step, row: 2)
  let bias = Vector.bias(work.epilogue, channel)
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
      let stride = Int(work.stride)
      let advance = 4 &* stride
      while pixel < span.pixels && span.pixels >= 4 {
        // The last four are computed again in part, which is sooner done than each of the rest alone.
        let back = pixel &+ 4 &- span.pixels
        if back > 0 {
          x0 -= back &* stride &* column0
          x1 -= back &* stride &* column1
          x2 -= back &* stride &* column2
          y -= back &* step
          pixel &-= back
        }
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
      sums = add(sums, row0.tap0, Vector.load(span.tap(0, pixel: pixel)))
      sums = add(sums, row0.tap1, Vector.load(span.tap(1, pixel: pixel)))
      sums = add(sums, row0.tap2, Vector.load(span.tap(2, pixel: pixel)))
      sums = add(sums, row1.tap0, Vector.load(span.tap(3, pixel: pixel)))
      sums = add(sums, row1.tap1, Vector.load(span.tap(4, pixel: pixel)))
      sums = add(sums, row1.tap2, Vector.load(span.tap(5, pixel: pixel)))
      sums = add(sums, row2.tap0, Vector.load(span.tap(6, pixel: pixel)))
      sums = add(sums, row2.tap1, Vector.load(span.tap(7, pixel: pixel)))
      sums = add(sums, row2.tap2, Vector.load(span.tap(8, pixel: pixel)))
      sums.store(y, work.epilogue)
      y += step
      pixel &+= 1
    }
  }
}

#endif
