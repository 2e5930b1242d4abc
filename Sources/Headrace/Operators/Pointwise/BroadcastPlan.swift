import CHeadrace

/// How two operands spread over a result: its axes, joined where both operands run through them alike.
struct BroadcastPlan {
  struct Axis {
    var extent = 1
    /// Elements from one index to the next; 0: the operand has one element for all.
    var strideA = 0
    var strideB = 0
  }

  /// Innermost first; at least two, of which the outer may have extent 1.
  var axes = InlineArray<6, Axis>(repeating: Axis())
  var count = 0

  init(_ a: hrm_tensor, _ b: hrm_tensor, _ y: hrm_tensor) {
    var sizeA = 1
    var sizeB = 1
    for axis in (0..<Int(y.rank)).reversed() where y[dim: axis] > 1 {
      let extent = y[dim: axis]
      let next = Axis(
        extent: extent, strideA: a[dim: axis] > 1 ? sizeA : 0,
        strideB: b[dim: axis] > 1 ? sizeB : 0)
      sizeA *= a[dim: axis]
      sizeB *= b[dim: axis]
      if count > 0, axes[count - 1].isContinued(by: next) {
        axes[count - 1].extent *= extent
      } else {
        axes[count] = next
        count += 1
      }
    }
    count = max(count, 2)
  }

  /// Products of the axes but the innermost.
  var rows: Int {
    var product = 1
    for axis in 1..<count { product *= axes[axis].extent }
    return product
  }

  /// Where both operands stand at the start of a row.
  func offsets(row: Int) -> (a: Int, b: Int) {
    var rest = row
    var offsets = (a: 0, b: 0)
    for axis in 1..<count {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: axes[axis].extent)
      offsets.a += index * axes[axis].strideA
      offsets.b += index * axes[axis].strideB
      rest = quotient
    }
    return offsets
  }
}

extension BroadcastPlan.Axis {
  /// Whether `outer` runs on where this axis ends, in both operands.
  fileprivate func isContinued(by outer: Self) -> Bool {
    outer.strideA == strideA * extent && outer.strideB == strideB * extent
  }
}
