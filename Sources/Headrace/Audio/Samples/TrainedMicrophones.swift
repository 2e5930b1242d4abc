import CHeadrace

/// Where the microphones were that a network was trained for, from its model's metadata.
struct TrainedMicrophones {
  let count: Int
  /// In metres, around the origin.
  private var places = InlineArray<16, Vector3>(repeating: Vector3(x: 0, y: 0, z: 0))

  /// How much larger or smaller another array may be: networks were trained for 0.8 to 1.25.
  private static var least: Float { 0.78 }
  private static var greatest: Float { 1.28 }
  /// How far from its place a microphone may be, in metres, and how near the trained array's may be to its middle.
  private static var tolerance: Float { 0.002 }

  /// nil unless the text holds the coordinates of 2 to 16 microphones that are not all in one place.
  init?(_ text: Text) {
    var (numbers, count) = (TextScanner(text), 0)
    while !numbers.isAtEnd() {
      guard count < 16, let x = numbers.fraction(), let y = numbers.fraction(),
        let z = numbers.fraction()
      else { return nil }
      places[count] = Vector3(x: x, y: y, z: z)
      count += 1
    }
    self.count = count
    guard count >= 2 else { return nil }
    center()
    guard radius > Self.tolerance, radius < MicrophoneArray.greatestDistance else { return nil }
  }

  /// The same of an array.
  private init(_ array: MicrophoneArray) {
    count = array.count
    for index in 0..<count { places[index] = array.position(index) }
    center()
  }

  private mutating func center() {
    var middle = Vector3(x: 0, y: 0, z: 0)
    for index in 0..<count { middle = middle + places[index] }
    middle = middle.scaled(by: 1 / Float(count))
    for index in 0..<count { places[index] = places[index] - middle }
  }

  /// The root of the mean square of distances from the middle.
  private var radius: Float {
    var sum: Float = 0
    for index in 0..<count { sum += places[index].dot(places[index]) }
    return (sum / Float(count)).squareRoot()
  }

  /// Which of an array's microphones stands where each of these does, in an array of nearly the same size; nil if
  /// they do not stand so.
  func order(in array: MicrophoneArray) -> InlineArray<16, UInt8>? {
    let array = TrainedMicrophones(array)
    let scale = array.radius / radius
    guard array.count == count, scale >= Self.least, scale <= Self.greatest else { return nil }
    var order = InlineArray<16, UInt8>(repeating: 0)
    for index in 0..<count {
      let place = places[index].scaled(by: scale)
      var (nearest, distance) = (0, Float.infinity)
      for other in 0..<count {
        let found = (array.places[other] - place).length
        if found < distance { (nearest, distance) = (other, found) }
      }
      // Microphones are farther apart, so that no two places have the same.
      guard distance <= Self.tolerance else { return nil }
      order[index] = UInt8(nearest)
    }
    return order
  }
}
