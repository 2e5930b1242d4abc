// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadraceIO

@c @implementation
public func hr_wav_parse(
  _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ out: UnsafeMutablePointer<hr_wav_info>?
) -> hr_wav_result {
  guard let bytes, let out, byteCount >= 12 else { return HR_WAV_NOT_RIFF }
  let reader = WaveFileReader(bytes: UnsafeBufferPointer(start: bytes, count: byteCount))
  return reader.read(into: &out.pointee)
}

/// Reads the chunks of a RIFF file of type WAVE. A data chunk that announces more than the file has, as
/// those of recorders that were cut off do, ends with the file.
struct WaveFileReader {
  let bytes: UnsafeBufferPointer<UInt8>

  func read(into info: inout hr_wav_info) -> hr_wav_result {
    guard hasTag("RIFF", at: 0), hasTag("WAVE", at: 8) else { return HR_WAV_NOT_RIFF }
    var position = 12
    var hasFormat = false
    while position + 8 <= bytes.count {
      let size = Int(clamping: number(4, at: position + 4))
      let body = position + 8
      let available = min(size, bytes.count - body)
      if hasTag("fmt ", at: position) {
        let result = readFormat(at: body, available, into: &info)
        guard result == HR_WAV_OK else { return result }
        hasFormat = true
      } else if hasTag("data", at: position) {
        guard hasFormat else { return HR_WAV_NO_FORMAT }
        info.data_offset = body
        let block = Int(info.bytes) * Int(info.channel_count)
        info.frames = available / block
        // Recorders that write to a pipe do not know the size yet, and say the greatest that they can.
        let isOpen = size >= 0x7fff_0000
        info.announced = isOpen ? UInt64.max : UInt64(size / block)
        return info.frames > 0 ? HR_WAV_OK : HR_WAV_NO_DATA
      }
      guard available == size else { break }
      position = body + size + size % 2
    }
    return hasFormat ? HR_WAV_NO_DATA : HR_WAV_NO_FORMAT
  }

  private func readFormat(
    at position: Int, _ size: Int, into info: inout hr_wav_info
  ) -> hr_wav_result {
    guard size >= 16 else { return HR_WAV_NO_FORMAT }
    var code = number(2, at: position)
    info.channel_count = number(2, at: position + 2)
    info.sample_rate = number(4, at: position + 4)
    let block = number(2, at: position + 12)
    let bits = number(2, at: position + 14)
    // WAVE_FORMAT_EXTENSIBLE keeps the code in the first bytes of its identifier.
    if code == 0xfffe {
      guard size >= 40 else { return HR_WAV_NO_FORMAT }
      code = number(2, at: position + 24)
    }
    guard (code == 1 && (bits == 16 || bits == 24 || bits == 32)) || (code == 3 && bits == 32)
    else {
      return HR_WAV_UNSUPPORTED
    }
    info.is_float = code == 3 ? 1 : 0
    info.bytes = bits / 8
    guard (1...64).contains(info.channel_count), (1...768_000).contains(info.sample_rate),
      block == info.bytes * info.channel_count
    else { return HR_WAV_BAD_FORMAT }
    return HR_WAV_OK
  }

  private func hasTag(_ tag: StaticString, at position: Int) -> Bool {
    for index in 0..<4 where bytes[position + index] != tag.utf8Start[index] { return false }
    return true
  }

  /// Little-endian.
  private func number(_ count: Int, at position: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<count { value |= UInt32(bytes[position + index]) << UInt32(8 * index) }
    return value
  }
}
