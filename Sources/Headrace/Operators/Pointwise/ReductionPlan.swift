import CHeadrace

/// The axes of a reduction, joined where neighbours are both kept or both reduced: at most three of
/// each remain of six.
struct ReductionPlan {
  struct Axis {
    var extent = 1
    var stride = 0
  }

  /// Elements of the output that lie side by side in the input too; 1 if the last axis is reduced.
  var inner = 1
  /// Innermost first; unused ones have extent 1.
  var reduced = InlineArray<3, Axis>(repeating: Axis())
  var kept = InlineArray<3, Axis>(repeating: Axis())

  init(_ x: hrm_tensor, axes: Int32) {
    var size = 1
    var reducedCount = 0
    var keptCount = 0
    var previousIsReduced: Bool?
    for axis in (0..<Int(x.rank)).reversed() where x[dim: axis] > 1 {
      let isReduced = axes >> Int32(axis) & 1 == 1
      let next = Axis(extent: x[dim: axis], stride: size)
      switch (isReduced, previousIsReduced == isReduced) {
      case (true, true): reduced[reducedCount - 1].extent *= next.extent
      case (true, false):
        reduced[reducedCount] = next
        reducedCount += 1
      case (false, true) where keptCount == 0: inner *= next.extent
      case (false, true): kept[keptCount - 1].extent *= next.extent
      case (false, false) where previousIsReduced == nil: inner = next.extent
      case (false, false):
        kept[keptCount] = next
        keptCount += 1
      }
      size *= next.extent
      previousIsReduced = isReduced
    }
  }

  /// Outputs divided by `inner`.
  var rows: Int { kept[0].extent * kept[1].extent * kept[2].extent }

  /// Where row `row` of the output begins in the input.
  func offset(row: Int) -> Int {
    var rest = row
    var offset = 0
    for axis in 0..<3 {
      offset += rest % kept[axis].extent * kept[axis].stride
      rest /= kept[axis].extent
    }
    return offset
  }
}
