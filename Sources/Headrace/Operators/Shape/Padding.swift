import CHeadrace

/// The output of a PAD as rows: the last padded axis times all behind it, which is copied in runs.
struct Padding {
  private let x: hrm_tensor
  private let y: hrm_tensor
  private let parameters: hrm_pad
  /// The last axis with padding (0 if there is none).
  private let axis: Int
  /// Bytes behind one index of `axis`.
  private let runBytes: Int

  init(_ op: OperatorView) {
    x = op.input(0).pointee
    y = op.output().pointee
    parameters = op.parameters(hrm_pad.self)
    var last = 0
    for axis in 0..<Int(y.rank) where x[dim: axis] != y[dim: axis] { last = axis }
    axis = last
    runBytes = y.stride(last) * y.elementBytes
  }

  var rowBytes: Int { y[dim: axis] * runBytes }

  var rows: Int { Int(y.bytes) / rowBytes }

  func fillRow(
    _ row: Int, from x: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
  ) {
    guard let sourceRow = sourceRow(row) else {
      fill(destination, count: rowBytes)
      return
    }
    let extent = self.x[dim: axis]
    let source = x + sourceRow * extent * runBytes
    let before = Int(parameters.before(axis))
    (destination + before * runBytes).copyMemory(from: source, byteCount: extent * runBytes)
    fillOutside(0..<before, source, destination)
    fillOutside((before + extent)..<y[dim: axis], source, destination)
  }

  /// The indices of the last padded axis that have no element of x.
  private func fillOutside(
    _ range: Range<Int>, _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer
  ) {
    if parameters.mode == Int32(HRM_PAD_CONSTANT.rawValue) {
      fill(destination + range.lowerBound * runBytes, count: range.count * runBytes)
    } else {
      for index in range {
        let from = sourceIndex(index, axis) ?? 0
        (destination + index * runBytes).copyMemory(
          from: source + from * runBytes, byteCount: runBytes)
      }
    }
  }

  /// The row of x that row `row` of y shows; nil: padding alone.
  private func sourceRow(_ row: Int) -> Int? {
    var rest = row
    var source = 0
    var stride = 1
    var outer = axis - 1
    while outer >= 0 {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: y[dim: outer])
      guard let from = sourceIndex(index, outer) else { return nil }
      source += from * stride
      stride *= x[dim: outer]
      rest = quotient
      outer -= 1
    }
    return source
  }

  /// The index of x that index `index` of y shows along `axis`; nil: the constant.
  private func sourceIndex(_ index: Int, _ axis: Int) -> Int? {
    let extent = x[dim: axis]
    let position = index - Int(parameters.before(axis))
    if position >= 0 && position < extent { return position }
    switch UInt32(bitPattern: parameters.mode) {
    case HRM_PAD_CONSTANT.rawValue: return nil
    case HRM_PAD_REFLECT.rawValue: return position < 0 ? -position : 2 * (extent - 1) - position
    default: return position < 0 ? 0 : extent - 1
    }
  }

  /// Writes the constant to `count` bytes.
  private func fill(_ destination: UnsafeMutableRawPointer, count: Int) {
    switch y.elementBytes {
    case 1: repeatValue(Int8(truncatingIfNeeded: parameters.value), destination, count)
    case 2: repeatValue(Int16(truncatingIfNeeded: parameters.value), destination, count / 2)
    default: repeatValue(parameters.value, destination, count / 4)
    }
  }

  private func repeatValue<Element>(
    _ value: Element, _ destination: UnsafeMutableRawPointer, _ count: Int
  ) {
    destination.assumingMemoryBound(to: Element.self).update(repeating: value, count: count)
  }
}
