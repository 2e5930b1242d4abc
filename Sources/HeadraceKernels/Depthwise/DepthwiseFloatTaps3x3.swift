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

extension FourOutputs {
  /// Adds a row of the kernel to four outputs of stride 1. Each column is read once.
  @inline(__always)
  fileprivate mutating func addRow(
    _ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights<Vector>
  ) {
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
  fileprivate mutating func addRowStride2(
    _ x: UnsafePointer<Float>, _ column: Int, _ w: RowWeights<Vector>
  ) {
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
}

@inline(__always)
private func add<Vector: FloatLanes>(_ sum: Vector, _ w: Vector, _ x: Vector) -> Vector {
  sum.adding(w, x)
}

/// What the nine taps of one output read.
private struct Taps {
  private let places: InlineArray<9, UnsafePointer<Float>>

  @inline(__always)
  init(_ span: hr_depthwise_row.Span<Float>, pixel: Int) {
    // A span at a border is mostly of one output, which needs no steps.
    places =
      pixel == 0
      ? InlineArray { span.tap($0) }
      : InlineArray { span.tap($0, pixel: pixel) }
  }

  @inline(__always)
  func adding<Vector: FloatLanes>(
    to sums: Vector, row: Int, _ channel: Int, _ w: RowWeights<Vector>
  ) -> Vector {
    let first = add(sums, w.tap0, Vector.load(places[3 &* row] + channel))
    let second = add(first, w.tap1, Vector.load(places[3 &* row &+ 1] + channel))
    return add(second, w.tap2, Vector.load(places[3 &* row &+ 2] + channel))
  }
}

/// 3x3, stride 1 or 2: float32. All channels of four outputs, or of one at a border, before the next: they follow
/// one another in memory, and what is to be found out of a span is found out once for all of them.
///
/// - Parameter channels: of which a last vector of fewer than it has lanes begins earlier.
@inline(__always)
func depthwiseFloatTaps3x3<Vector: FloatLanes>(
  _ work: hr_depthwise, _ row: hr_depthwise_row, _ channels: Range<Int>, _ type: Vector.Type
) {
  let weights = work.weights.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  let weightStep = work.weight_step
  let last = max(channels.upperBound &- Vector.count, 0)
  @inline(__always)
  func forEachVector(_ body: (Int, UnsafePointer<Float>, Vector) -> Void) {
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      let first = min(channel, last)
      body(first, weights + first, Vector.bias(work.epilogue, first))
      channel &+= Vector.count
    }
  }
  let step = row.y_step
  row.forEachSpan(work, 0, Float.self) { span, y in
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
        if work.stride == 1 {
          forEachVector { channel, w, bias in
            var sums = FourOutputs(repeating: bias)
            sums.addRow(x0 + channel, column0, RowWeights(w, weightStep, row: 0))
            sums.addRow(x1 + channel, column1, RowWeights(w, weightStep, row: 1))
            sums.addRow(x2 + channel, column2, RowWeights(w, weightStep, row: 2))
            sums.store(y + channel, step, work.epilogue)
          }
        } else {
          forEachVector { channel, w, bias in
            var sums = FourOutputs(repeating: bias)
            sums.addRowStride2(x0 + channel, column0, RowWeights(w, weightStep, row: 0))
            sums.addRowStride2(x1 + channel, column1, RowWeights(w, weightStep, row: 1))
            sums.addRowStride2(x2 + channel, column2, RowWeights(w, weightStep, row: 2))
            sums.store(y + channel, step, work.epilogue)
          }
        }
        x0 += advance &* column0
        x1 += advance &* column1
        x2 += advance &* column2
        y += 4 &* step
        pixel &+= 4
      }
    }
    while pixel < span.pixels {
      let taps = Taps(span, pixel: pixel)
      forEachVector { channel, w, bias in
        var sums = taps.adding(to: bias, row: 0, channel, RowWeights(w, weightStep, row: 0))
        sums = taps.adding(to: sums, row: 1, channel, RowWeights(w, weightStep, row: 1))
        sums = taps.adding(to: sums, row: 2, channel, RowWeights(w, weightStep, row: 2))
        sums.store(y + channel, work.epilogue)
      }
      y += step
      pixel &+= 1
    }
  }
}

#endif
