import CHeadrace

/// Where a frame goes in a target of another size: the window of the target that it fills, and for
/// each axis which part of the frame that is.
struct FrameFit {
  let targetWidth: Int
  let targetHeight: Int
  /// The part of the target that is not padding.
  let left: Int
  let top: Int
  let width: Int
  let height: Int
  let columns: ResampleAxis
  let rows: ResampleAxis

  /// The gray of a letterbox's padding, as detection networks are trained with.
  static let padding: UInt8 = 114

  init(
    source: (width: Int, height: Int), target: (width: Int, height: Int), fit: hr_fit,
    filter: hr_filter
  ) {
    targetWidth = target.width
    targetHeight = target.height
    // Both products stay below 2^28. Equal aspects need neither crop nor padding.
    let across = source.width * target.height
    let down = source.height * target.width
    var (innerWidth, innerHeight) = target
    var columns = (unit: target.width, span: source.width, offset: 0)
    var rows = (unit: target.height, span: source.height, offset: 0)
    if fit == HR_FIT_LETTERBOX {
      if across > down {
        innerHeight = Self.scaled(source.height, by: target.width, over: source.width)
        rows.unit = innerHeight
      } else if down > across {
        innerWidth = Self.scaled(source.width, by: target.height, over: source.height)
        columns.unit = innerWidth
      }
    } else if fit == HR_FIT_CROP {
      // Half units make the offset of a centred window whole.
      if across > down {
        columns = (2 * target.height, 2 * source.height, across - down)
      } else if down > across {
        rows = (2 * target.width, 2 * source.width, down - across)
      }
    }
    width = innerWidth
    height = innerHeight
    left = (target.width - innerWidth) / 2
    top = (target.height - innerHeight) / 2
    self.columns = ResampleAxis(
      source: source.width, unit: columns.unit, span: columns.span, offset: columns.offset,
      filter: filter)
    self.rows = ResampleAxis(
      source: source.height, unit: rows.unit, span: rows.span, offset: rows.offset, filter: filter)
  }

  /// length * numerator / denominator, to nearest, at least one pixel.
  private static func scaled(_ length: Int, by numerator: Int, over denominator: Int) -> Int {
    max(1, (length * numerator + denominator / 2) / denominator)
  }
}
