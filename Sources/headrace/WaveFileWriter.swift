import Foundation

/// WAV files of 16-bit PCM.
enum WaveFileWriter {
  /// - Parameter sounds: [channel][sample], all of the same length.
  static func data(_ sounds: [[Int16]], rate: Int) -> Data {
    let count = sounds.first?.count ?? 0
    let bytes = 2 * sounds.count * count
    var data = Data(capacity: 44 + bytes)
    func put<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
    data.append(contentsOf: "RIFF".utf8)
    put(UInt32(36 + bytes))
    data.append(contentsOf: "WAVEfmt ".utf8)
    put(UInt32(16))
    put(UInt16(1))  // PCM
    put(UInt16(sounds.count))
    put(UInt32(rate))
    put(UInt32(2 * sounds.count * rate))
    put(UInt16(2 * sounds.count))
    put(UInt16(16))
    data.append(contentsOf: "data".utf8)
    put(UInt32(bytes))
    for sample in 0..<count { for channel in sounds { put(channel[sample]) } }
    return data
  }
}
