import Foundation

/// A source and its mirror images in the walls, as far as they are heard.
struct ImageSources {
  private struct Axis {
    /// Where the images lie along the axis, and what the walls across it leave of them.
    var places: [Double] = []
    var strengths: [OctaveBands.Values] = []
  }

  private let axes: [Axis]
  private let centre: SIMD3<Double>
  private let radius: Double
  /// What air leaves, in steps of half a metre.
  private let airTable: [OctaveBands.Values]

  init(
    _ room: Room, source: SIMD3<Double>, around centre: SIMD3<Double>, radius: Double,
    airAbsorbs: Bool
  ) {
    self.centre = centre
    self.radius = radius
    axes = (0..<3).map { axis in
      let length = room.size[axis]
      let most = Int(radius / length) + 2
      let walls = (room.reflection(wall: 2 * axis), room.reflection(wall: 2 * axis + 1))
      var result = Axis()
      for order in -most...most {
        // Images of odd order are mirrored; the wall on the image's side is hit first.
        result.places.append(
          order % 2 == 0
            ? Double(order) * length + source[axis] : Double(order + 1) * length - source[axis])
        let (hits, rest) = ((abs(order) + 1) / 2, abs(order) / 2)
        result.strengths.append(
          order < 0
            ? Self.power(walls.0, hits) * Self.power(walls.1, rest)
            : Self.power(walls.1, hits) * Self.power(walls.0, rest))
      }
      return result
    }
    airTable = (0...Int(2 * radius) + 4).map { step in
      var values = OctaveBands.Values(repeating: 1)
      guard airAbsorbs else { return values }
      for band in 0..<OctaveBands.count {
        values[band] = expf(-OctaveBands.airAttenuation[band] * Float(step) / 2)
      }
      return values
    }
  }

  private static func power(_ base: OctaveBands.Values, _ exponent: Int) -> OctaveBands.Values {
    (0..<exponent).reduce(OctaveBands.Values(repeating: 1)) { product, _ in product * base }
  }

  func air(_ distance: Double) -> OctaveBands.Values {
    airTable[min(Int(2 * distance + 0.5), airTable.count - 1)]
  }

  /// Each image: its place, and what the walls leave of it.
  @inline(__always)
  func forEach(_ body: (SIMD3<Double>, OctaveBands.Values) -> Void) {
    let limit = radius * radius
    for (z, strengthZ) in zip(axes[2].places, axes[2].strengths) {
      let squareZ = (z - centre.z) * (z - centre.z)
      guard squareZ < limit else { continue }
      for (y, strengthY) in zip(axes[1].places, axes[1].strengths) {
        let squareYZ = squareZ + (y - centre.y) * (y - centre.y)
        guard squareYZ < limit else { continue }
        let strengthYZ = strengthY * strengthZ
        for (x, strengthX) in zip(axes[0].places, axes[0].strengths)
        where squareYZ + (x - centre.x) * (x - centre.x) < limit {
          body(SIMD3(x, y, z), strengthX * strengthYZ)
        }
      }
    }
  }
}
