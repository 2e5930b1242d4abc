import Foundation

/// Impulses between samples: a sinc under a Hann window (Laakso et al., IEEE Signal Processing Magazine
/// 13(1), 1996), from a table of positions.
struct FractionalDelay {
  static let taps = 32
  private static let positions = 256
  /// [positions + 1][taps]
  private let table: [Float]

  static let shared = FractionalDelay()

  private init() {
    var table: [Float] = []
    for position in 0...Self.positions {
      let fraction = Double(position) / Double(Self.positions)
      for tap in 0..<Self.taps {
        let distance = Double(tap - Self.taps / 2 + 1) - fraction
        let sinc = distance == 0 ? 1 : sin(.pi * distance) / (.pi * distance)
        let window = 0.5 + 0.5 * cos(2 * .pi * distance / Double(Self.taps))
        table.append(Float(sinc * window))
      }
    }
    self.table = table
  }

  /// Adds an impulse of a strength in each band at `time`, in samples, to the bands' responses.
  @inline(__always)
  func add(
    _ strength: OctaveBands.Values, at time: Double,
    to responses: UnsafeMutableBufferPointer<OctaveBands.Values>
  ) {
    let whole = Int(time)
    let position = Int(((time - Double(whole)) * Double(Self.positions)).rounded())
    let first = whole - Self.taps / 2 + 1
    table.withUnsafeBufferPointer { table in
      let values = table.baseAddress! + position * Self.taps
      let range = max(0, -first)..<max(0, min(Self.taps, responses.count - first))
      guard !range.isEmpty else { return }
      let out = responses.baseAddress! + first
      for tap in range { out[tap] += strength * values[tap] }
    }
  }
}
