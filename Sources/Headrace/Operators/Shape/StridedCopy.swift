import CHeadrace

/// Moves a box of elements between two layouts: every operator that only moves data is one of these.
///
/// Axes are added outermost first. Strides count elements and may be negative; the destination's
/// elements are distinct. Where the source's and the destination's axes follow each other in memory
/// they are joined, so that what lies side by side in both is copied in one go.
struct StridedCopy {
  struct Axis {
    var extent: Int
    var source: Int
    var destination: Int
  }

  let elementBytes: Int
  private var axes = InlineArray<6, Axis>(
    repeating: Axis(extent: 1, source: 0, destination: 0))
  private var count = 0

  init(elementBytes: Int) {
    self.elementBytes = elementBytes
  }

  mutating func append(_ extent: Int, source: Int, destination: Int) {
    if extent == 1 { return }
    if count > 0 {
      let outer = axes[count - 1]
      if outer.source == source &* extent && outer.destination == destination &* extent {
        axes[count - 1] = Axis(
          extent: outer.extent * extent, source: source, destination: destination)
        return
      }
    }
    axes[count] = Axis(extent: extent, source: source, destination: destination)
    count += 1
  }

  /// Does part `part` of `parts`: a slice of the longest axis.
  func run(
    from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, part: Int,
    of parts: Int
  ) {
    var slice = self
    var longest = 0
    for axis in 0..<count where axes[axis].extent > axes[longest].extent { longest = axis }
    let range = partition(axes[longest].extent, part: part, of: parts)
    if range.isEmpty { return }
    slice.axes[longest].extent = range.count
    slice.bringTogether()
    slice.lengthenColumns()
    slice.copyAll(
      source + range.lowerBound * axes[longest].source * elementBytes,
      destination + range.lowerBound * axes[longest].destination * elementBytes)
  }

  /// Makes the last two axes the innermost of the destination and the innermost of the source, which
  /// `Plane` walks in tiles.
  private mutating func bringTogether() {
    guard count > 2, axes[count - 1].source != 1 else { return }
    for axis in 0..<(count - 2) where axes[axis].source == 1 {
      let moved = axes[axis]
      for next in axis..<(count - 2) { axes[next] = axes[next + 1] }
      axes[count - 2] = moved
      return
    }
  }

  /// Makes the longest axis the innermost where that one is short and has to be picked together anyway: planes of
  /// a few elements would cost more than their elements.
  private mutating func lengthenColumns() {
    guard count > 2, axes[count - 1].source != 1, axes[count - 1].extent < 8 else { return }
    var longest = count - 1
    for axis in 0..<count where axes[axis].extent > axes[longest].extent { longest = axis }
    let moved = axes[longest]
    for next in longest..<(count - 1) { axes[next] = axes[next + 1] }
    axes[count - 1] = moved
  }

  private func copyAll(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
    let none = Axis(extent: 1, source: 0, destination: 0)
    let columns = count > 0 ? axes[count - 1] : none
    let rows = count > 1 ? axes[count - 2] : none
    let plane = Plane(rows: rows, columns: columns, elementBytes: elementBytes)
    // An odometer over the other axes. An axis' extent times its stride may leave the address range
    // before it is taken back, hence the wrapping arithmetic.
    var index = InlineArray<6, Int>(repeating: 0)
    var source = source
    var destination = destination
    while true {
      plane.copy(source, destination)
      var axis = count - 3
      while axis >= 0 {
        source += axes[axis].source &* elementBytes
        destination += axes[axis].destination &* elementBytes
        index[axis] += 1
        if index[axis] < axes[axis].extent { break }
        source -= axes[axis].extent &* axes[axis].source &* elementBytes
        destination -= axes[axis].extent &* axes[axis].destination &* elementBytes
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
