import ArgumentParser
import CHeadrace
import Foundation

/// Where an array's microphones are.
enum MicrophonePlaces {
  /// Metres, in the order of the array's channels.
  static func named(_ name: String) throws -> [SIMD3<Double>] {
    var array = hr_array()
    guard hr_array_named(&array, name, nil) == HR_OK else {
      var names: [String] = []
      while let known = hr_array_name(UInt32(names.count)) { names.append(String(cString: known)) }
      throw ValidationError(
        "there is no array called \"\(name)\"; there are \(names.joined(separator: ", "))")
    }
    return withUnsafeBytes(of: array.positions) { raw in
      let values = raw.bindMemory(to: Float.self)
      return (0..<Int(array.microphone_count)).map {
        SIMD3(Double(values[3 * $0]), Double(values[3 * $0 + 1]), Double(values[3 * $0 + 2]))
      }
    }
  }
}
