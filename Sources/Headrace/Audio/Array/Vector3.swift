/// A place in metres, or a direction.
struct Vector3 {
  var x: Float
  var y: Float
  var z: Float

  /// Of length 1; angles in degrees.
  init(azimuth: Float, elevation: Float) {
    let around = SineQ31.turn(Double(azimuth) / 360)
    let up = SineQ31.turn(Double(elevation) / 360)
    let across = Float.fraction(SineQ31.cosine(up))
    x = across * Float.fraction(SineQ31.cosine(around))
    y = across * Float.fraction(SineQ31.sine(around))
    z = Float.fraction(SineQ31.sine(up))
  }

  init(x: Float, y: Float, z: Float) { (self.x, self.y, self.z) = (x, y, z) }

  static func - (a: Vector3, b: Vector3) -> Vector3 {
    Vector3(x: a.x - b.x, y: a.y - b.y, z: a.z - b.z)
  }
  static func + (a: Vector3, b: Vector3) -> Vector3 {
    Vector3(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z)
  }
  func scaled(by factor: Float) -> Vector3 { Vector3(x: x * factor, y: y * factor, z: z * factor) }
  func dot(_ other: Vector3) -> Float { x * other.x + y * other.y + z * other.z }
  var length: Float { dot(self).squareRoot() }
}
