/// Where each row or column of a resized picture comes from, as ONNX's Resize defines it.
enum ResizeTable {
  /// Two source indices and the weight of the second.
  struct Tap: Equatable {
    var first: Int
    var second: Int
    var weight: Double
  }

  /// One tap for each of `outputExtent` positions. `scale` is output over input extent.
  static func taps(
    _ resize: Resize, inputExtent: Int, outputExtent: Int, scale: Double
  ) -> [Tap] {
    (0..<outputExtent).map { position in
      let coordinate = coordinate(
        resize.coordinates, position, inputExtent: inputExtent, outputExtent: outputExtent,
        scale: scale)
      let last = inputExtent - 1
      switch resize.mode {
      case .nearest:
        let index = min(max(Int(round(coordinate, resize.rounding)), 0), last)
        return Tap(first: index, second: index, weight: 0)
      case .bilinear:
        let inside = min(max(coordinate, 0), Double(last))
        let first = Int(inside)
        return Tap(first: first, second: min(first + 1, last), weight: inside - Double(first))
      }
    }
  }

  private static func coordinate(
    _ coordinates: Resize.Coordinates, _ position: Int, inputExtent: Int, outputExtent: Int,
    scale: Double
  ) -> Double {
    let x = Double(position)
    switch coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return outputExtent > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .alignCorners:
      return outputExtent > 1 ? x * Double(inputExtent - 1) / Double(outputExtent - 1) : 0
    case .asymmetric: return x / scale
    }
  }

  private static func round(_ x: Double, _ rounding: Resize.Rounding) -> Double {
    switch rounding {
    case .preferFloor: (x - 0.5).rounded(.up)
    case .preferCeil: (x + 0.5).rounded(.down)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    }
  }

  /// int32 [extent][3] as `HRM_RESIZE` reads them.
  static func words(_ taps: [Tap], float: Bool) -> [Int32] {
    taps.flatMap { tap -> [Int32] in
      let weight =
        float
        ? Int32(bitPattern: Float(tap.weight).bitPattern)
        : Int32((tap.weight * 16384).rounded())
      return [Int32(tap.first), Int32(tap.second), weight]
    }
  }
}
