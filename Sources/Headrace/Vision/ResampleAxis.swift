import CHeadrace

/// One axis of a resize, in exact integers.
///
/// A source pixel is `unit` long and an output pixel `span`, so that output pixel i covers
/// `offset + i span ..< offset + (i + 1) span`: with unit = output length and span = source length no
/// position is ever rounded. All three stay below 2^29 for sides of at most 16,384.
struct ResampleAxis {
  /// Weights of the taps of each output pixel add up to this; at most 2^16.
  let total: UInt32
  private let sourceLength: Int
  private let unit: Int
  private let span: Int
  private let offset: Int
  private let isArea: Bool

  /// - Parameters:
  ///   - source: pixels of the source along this axis.
  ///   - unit, span, offset: as above; the outputs lie within the source.
  init(source: Int, unit: Int, span: Int, offset: Int, filter: hr_filter) {
    let divisor = greatestCommonDivisor(greatestCommonDivisor(unit, span), offset)
    sourceLength = source
    self.unit = unit / divisor
    self.span = span / divisor
    self.offset = offset / divisor
    isArea = filter == HR_FILTER_AREA || (filter == HR_FILTER_AUTO && span > unit)
    total = UInt32(isArea ? self.span : 2 * self.unit)
  }

  /// The source pixels of output pixel `index` and their weights.
  @inline(never)  // once for columns and for rows
  func taps(_ index: Int) -> hr_taps { isArea ? areaTaps(index) : bilinearTaps(index) }

  /// Each source pixel weighs as much as it is covered.
  private func areaTaps(_ index: Int) -> hr_taps {
    let begin = offset &+ index &* span
    let end = begin &+ span
    let first = begin / unit
    let last = (end &- 1) / unit
    let isSingle = first == last
    return hr_taps(
      first: Int32(truncatingIfNeeded: first),
      count: Int32(truncatingIfNeeded: last &- first &+ 1),
      first_weight: UInt32(truncatingIfNeeded: isSingle ? span : (first &+ 1) &* unit &- begin),
      inner_weight: UInt32(truncatingIfNeeded: unit),
      last_weight: UInt32(truncatingIfNeeded: isSingle ? 0 : end &- last &* unit))
  }

  /// The two source pixels around the output pixel's centre, in units of half a `unit`; what lies
  /// beyond the picture reads as its edge.
  private func bilinearTaps(_ index: Int) -> hr_taps {
    let position = 2 &* offset &+ (2 &* index &+ 1) &* span &- unit
    let first = position < 0 ? 0 : position / (2 &* unit)
    let fraction = position < 0 ? 0 : position &- first &* 2 &* unit
    let isSingle = first >= sourceLength &- 1 || fraction == 0
    return hr_taps(
      first: Int32(truncatingIfNeeded: min(first, sourceLength &- 1)),
      count: isSingle ? 1 : 2,
      first_weight: isSingle ? total : total &- UInt32(truncatingIfNeeded: fraction),
      inner_weight: 0,
      last_weight: isSingle ? 0 : UInt32(truncatingIfNeeded: fraction))
  }
}

extension hr_taps {
  var end: Int { Int(first &+ count) }

  /// The weight of source pixel `index`, one of the taps.
  func weight(_ index: Int) -> UInt32 {
    if index == Int(first) { return first_weight }
    return index == end &- 1 ? last_weight : inner_weight
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return max(a, 1)
}
