/// The directions that are searched: rows of azimuths, one row for each elevation.
struct DirectionGrid {
  let azimuths: Int
  let elevations: Int

  var count: Int { azimuths &* elevations }

  /// Directions around of which each has another opposite, so many further on; 0 where there are none such. Sound
  /// from there reaches microphones as much later as from here earlier.
  var half: Int { elevations == 1 && azimuths % 2 == 0 ? azimuths / 2 : 0 }

  /// From one row to the next, in degrees: rows divide what lies between the plane and straight up.
  private var rise: Float { 90 / Float(elevations) }

  /// The direction at a place between the grid's points, in degrees.
  func direction(azimuth: Float, row: Float) -> (azimuth: Float, elevation: Float) {
    var degrees = azimuth * (360 / Float(azimuths))
    if degrees < 0 { degrees += 360 }
    if degrees >= 360 { degrees -= 360 }
    return (degrees, min(max(row, 0), Float(elevations)) * rise)
  }

  func vector(_ index: Int) -> Vector3 {
    let place = direction(azimuth: Float(index % azimuths), row: Float(index / azimuths))
    return Vector3(azimuth: place.azimuth, elevation: place.elevation)
  }

  /// The indices around: west, east, and the rows below and above where there are any.
  func neighbours(_ index: Int) -> (left: Int, right: Int, below: Int?, above: Int?) {
    let (row, column) = (index / azimuths, index % azimuths)
    let first = row &* azimuths
    return (
      first &+ (column == 0 ? azimuths &- 1 : column &- 1),
      first &+ (column &+ 1 == azimuths ? 0 : column &+ 1), row == 0 ? nil : index &- azimuths,
      row &+ 1 == elevations ? nil : index &+ azimuths
    )
  }

  /// Whether nothing around scores higher.
  func isPeak(_ index: Int, _ scores: UnsafePointer<Float>) -> Bool {
    let around = neighbours(index)
    let score = scores[index]
    return score >= scores[around.left] && score > scores[around.right]
      && score >= around.below.map { scores[$0] } ?? 0
      && score > around.above.map { scores[$0] } ?? 0
  }

  /// The place of a peak between points, by parabolas.
  func refine(_ index: Int, _ scores: UnsafePointer<Float>) -> (azimuth: Float, elevation: Float) {
    let around = neighbours(index)
    var row = Float(index / azimuths)
    if let below = around.below, let above = around.above {
      row += Self.vertex(scores[below], scores[index], scores[above])
    }
    let column = Float(index % azimuths)
    return direction(
      azimuth: column + Self.vertex(scores[around.left], scores[index], scores[around.right]),
      row: row)
  }

  /// Where the parabola through three equidistant values is highest, from -1/2 to 1/2.
  private static func vertex(_ left: Float, _ middle: Float, _ right: Float) -> Float {
    let curvature = left - 2 * middle + right
    guard curvature < 0 else { return 0 }
    return min(max((left - right) / (2 * curvature), -0.5), 0.5)
  }
}
