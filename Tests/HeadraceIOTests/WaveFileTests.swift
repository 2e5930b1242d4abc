import CHeadraceIO
import Foundation
import Testing

@testable import HeadraceIOParsing

@Suite struct WaveFileTests {
  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func chunk(_ tag: String, _ body: [UInt8], size: Int? = nil) -> [UInt8] {
    Array(tag.utf8) + little(size ?? body.count, 4) + body + (body.count % 2 == 1 ? [0] : [])
  }

  private func format(
    _ code: Int = 1, channels: Int = 2, rate: Int = 16000, bits: Int = 16, block: Int? = nil
  ) -> [UInt8] {
    let block = block ?? channels * bits / 8
    return little(code, 2) + little(channels, 2) + little(rate, 4) + little(rate * block, 4)
      + little(block, 2) + little(bits, 2)
  }

  private func file(_ chunks: [UInt8]...) -> [UInt8] {
    let body = Array("WAVE".utf8) + chunks.flatMap { $0 }
    return Array("RIFF".utf8) + little(body.count, 4) + body
  }

  private func parse(_ bytes: [UInt8]) -> (hr_wav_result, hr_wav_info) {
    var info = hr_wav_info()
    let result = bytes.withUnsafeBufferPointer { hr_wav_parse($0.baseAddress, $0.count, &info) }
    return (result, info)
  }

  @Test func chunksInFrontOfTheSamplesAreSkipped() {
    let (result, info) = parse(
      file(
        chunk("LIST", [1, 2, 3]), chunk("fmt ", format()), chunk("fact", little(3, 4)),
        chunk("data", [UInt8](0..<12))))
    #expect(result == HR_WAV_OK)
    #expect(info.channel_count == 2 && info.sample_rate == 16000 && info.bytes == 2)
    #expect(info.is_float == 0 && info.frames == 3)
    // 12 bytes of RIFF, 12 of LIST with its padding, 24 of fmt, 12 of fact, 8 of data's head.
    #expect(info.data_offset == 68)
  }

  @Test(arguments: [(1, 24, 3, 0), (1, 32, 4, 0), (3, 32, 4, 1)])
  func otherWidthsAreRead(code: Int, bits: Int, bytes: UInt32, isFloat: UInt32) {
    let (result, info) = parse(
      file(chunk("fmt ", format(code, channels: 1, bits: bits)), chunk("data", [UInt8](0..<24))))
    #expect(result == HR_WAV_OK)
    #expect(info.bytes == bytes && info.is_float == isFloat && info.frames == 24 / Int(bytes))
  }

  @Test func theExtensibleFormatHasItsCodeFurtherBehind() {
    let extensible =
      format(0xfffe) + little(22, 2) + little(16, 2) + little(3, 4) + little(1, 2)
      + [UInt8](repeating: 0, count: 14)
    #expect(parse(file(chunk("fmt ", extensible), chunk("data", [0, 0, 0, 0]))).0 == HR_WAV_OK)
    let short = Array(extensible.prefix(24))
    #expect(parse(file(chunk("fmt ", short), chunk("data", [0, 0, 0, 0]))).0 == HR_WAV_NO_FORMAT)
  }

  @Test func aFileThatWasCutOffHasTheFramesThatItHas() {
    let (result, info) = parse(
      file(chunk("fmt ", format()), chunk("data", [UInt8](0..<10), size: 0xffff_ffff)))
    #expect(result == HR_WAV_OK)
    #expect(info.frames == 2 && info.announced == UInt64.max)
    let short = chunk("data", [UInt8](0..<10), size: 400)
    #expect(parse(file(chunk("fmt ", format()), short)).1.announced == 100)
  }

  @Test func whatMakesNoSenseIsNamed() {
    let data = chunk("data", [UInt8](repeating: 0, count: 64))
    #expect(parse([]).0 == HR_WAV_NOT_RIFF)
    #expect(parse(Array("RIFX".utf8) + [UInt8](repeating: 0, count: 40)).0 == HR_WAV_NOT_RIFF)
    #expect(parse(file(data)).0 == HR_WAV_NO_FORMAT)
    #expect(parse(file(chunk("fmt ", [1, 0]), data)).0 == HR_WAV_NO_FORMAT)
    #expect(parse(file(chunk("fmt ", format(6, bits: 8)), data)).0 == HR_WAV_UNSUPPORTED)
    #expect(parse(file(chunk("fmt ", format(3, bits: 16)), data)).0 == HR_WAV_UNSUPPORTED)
    #expect(parse(file(chunk("fmt ", format(channels: 0, block: 2)), data)).0 == HR_WAV_BAD_FORMAT)
    #expect(parse(file(chunk("fmt ", format(channels: 65)), data)).0 == HR_WAV_BAD_FORMAT)
    #expect(parse(file(chunk("fmt ", format(rate: 0)), data)).0 == HR_WAV_BAD_FORMAT)
    #expect(parse(file(chunk("fmt ", format(block: 3)), data)).0 == HR_WAV_BAD_FORMAT)
    #expect(parse(file(chunk("fmt ", format()))).0 == HR_WAV_NO_DATA)
    #expect(parse(file(chunk("fmt ", format()), chunk("data", [1]))).0 == HR_WAV_NO_DATA)
    #expect(parse(file(chunk("fmt ", format()), chunk("junk", [], size: -1))).0 == HR_WAV_NO_DATA)
  }

  @Test func noPrefixOfAFileIsReadBeyondItsEnd() {
    let whole = file(
      chunk("LIST", [1, 2, 3]), chunk("fmt ", format()), chunk("data", [UInt8](0..<12)))
    for length in 0..<whole.count { _ = parse(Array(whole.prefix(length))) }
    #expect(parse(Array(whole.dropLast(2))).1.frames == 2)
  }
}
