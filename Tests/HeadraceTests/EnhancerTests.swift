import CHeadrace
import Foundation
import Testing

@testable import Headrace

/// A picture of bytes, tightly packed RGB24.
private struct Picture: Equatable {
  let width: Int
  let height: Int
  var bytes: [UInt8]

  subscript(x: Int, y: Int, c: Int) -> Int { Int(bytes[3 * (y * width + x) + c]) }

  /// Darkness with shapes and noise in it.
  static func dark(_ width: Int, _ height: Int, seed: UInt64 = 1, most: Int = 40) -> Picture {
    var random = ByteSource(seed: seed)
    let noise = random.bytes(3 * width * height)
    return Picture(
      width: width, height: height,
      bytes: (0..<3 * width * height).map { index in
        let (x, y, c) = (index / 3 % width, index / 3 / width, index % 3)
        let shape = (x / 7 + y / 5) % 3 == c ? most : most / 4
        return UInt8(min(255, shape + Int(noise[index]) % 6))
      })
  }
}

/// The enhancement as it is described, in double precision: what the network is shown, and what is made of what it
/// says.
private enum Description {
  static func cells(_ picture: Picture) -> [[Double]] {
    func range(_ index: Int, _ count: Int, _ extent: Int) -> Range<Int> {
      let first = Int((Double(index * extent) / Double(count)).rounded(.down))
      return first..<Int((Double((index + 1) * extent) / Double(count)).rounded(.up))
    }
    return (0..<64 * 96).map { place in
      let (rows, columns) = (
        range(place / 96, 64, picture.height), range(place % 96, 96, picture.width)
      )
      var sums = [0.0, 0, 0, 0]
      for y in rows {
        for x in columns {
          for c in 0..<3 { sums[c] += Double(picture[x, y, c]) }
          if x + 1 < picture.width {
            sums[3] += Double(abs(picture[x + 1, y, 1] - picture[x, y, 1]))
          }
        }
      }
      return sums.map { $0 / 255 / Double(rows.count * columns.count) }
    }
  }

  static func small(_ picture: Picture) -> (values: [Float], mean: Double) {
    var roots: [[Double]] = []
    for cell in cells(picture) { roots.append(cell.map { $0.squareRoot() }) }
    var total = 0.0
    for cell in roots { total += cell[0] + cell[1] + cell[2] }
    let mean = max(0.01, total / (3 * 64 * 96))
    let dark = Float(0.5 * log2(mean) + 1)
    var values: [Float] = []
    for cell in roots {
      for root in cell { values.append(Float(min(4, root / mean) - 1)) }
      values.append(dark)
    }
    return (values, mean)
  }

  /// 0 to 255, not rounded.
  static func result(_ picture: Picture, _ k: [Double], mean: Double) -> [Double] {
    func mirrored(_ at: Int, _ extent: Int) -> Int {
      extent == 1 ? 0 : at < 0 ? -at : at >= extent ? 2 * extent - 2 - at : at
    }
    let gamma = min(0.8, max(0.2, k[12]))
    let weights = [1, 2, 1]
    func lifted(_ x: Int, _ y: Int, _ c: Int) -> Double {
      var sum = 0
      for dy in 0..<3 {
        let row = mirrored(y + dy - 1, picture.height)
        for dx in 0..<3 {
          let column = mirrored(x + dx - 1, picture.width)
          sum += weights[dx] * weights[dy] * picture[column, row, c]
        }
      }
      return min(4, pow(Double(sum) / 4080 / mean / mean, gamma))
    }
    var out: [Double] = []
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let (red, green, blue) = (lifted(x, y, 0), lifted(x, y, 1), lifted(x, y, 2))
        for c in 0..<3 {
          let value = k[3 * c] * red + k[3 * c + 1] * green + k[3 * c + 2] * blue + k[9 + c]
          out.append(255 * min(1, max(0, value)))
        }
      }
    }
    return out
  }
}

extension ShippedNetwork {
  fileprivate static func tone() throws -> ShippedNetwork {
    try ShippedNetwork("lowlight/nano-tone.hrm")
  }

  fileprivate func coefficients(_ small: [Float]) -> [Double] {
    var (input, output) = (hr_tensor(), hr_tensor())
    input.struct_size = UInt32(MemoryLayout<hr_tensor>.size)
    output.struct_size = input.struct_size
    var values = [Float](repeating: 0, count: 13)
    #expect(hr_session_input(session, 0, &input) == HR_OK)
    #expect(hr_tensor_write_float(&input, small, small.count) == HR_OK)
    #expect(hr_session_run(session, nil) == HR_OK)
    #expect(hr_session_output(session, 0, &output) == HR_OK)
    #expect(hr_tensor_read_float(&output, &values, 13) == HR_OK)
    return values.map(Double.init)
  }
}

/// Parts in reverse order, one of them twice.
private let backwards: hr_parallel_for = { _, count, body, context in
  for index in (0..<count).reversed() { body?(context, index) }
  body?(context, 0)
}

private final class Lamp {
  private let tone: ShippedNetwork
  private let memory: AlignedBytes
  private(set) var handle: OpaquePointer?

  init(_ width: Int, _ height: Int, threads: UInt32 = 1, tone: ShippedNetwork? = nil) throws {
    self.tone = try tone ?? ShippedNetwork.tone()
    var config = hr_enhancer_config()
    hr_enhancer_config_init(&config)
    config.max_width = UInt32(width)
    config.max_height = UInt32(height)
    config.tone = self.tone.session
    config.threads = threads
    config.parallel = threads > 1 ? backwards : nil
    memory = AlignedBytes(count: hr_enhancer_bytes(&config))
    var error = emptyError()
    let status = hr_enhancer_init(&handle, memory.base, memory.count, &config, &error)
    if status != HR_OK { throw RefusedModel(status: status, message: message(error)) }
  }

  func enhance(
    _ picture: Picture, elapsed: UInt64 = 0, inPlace: Bool = false
  ) -> (Picture, hr_enhancement) {
    var (source, result) = (picture.bytes, picture)
    var done = hr_enhancement()
    done.struct_size = UInt32(MemoryLayout<hr_enhancement>.size)
    var frame = hr_frame()
    source.withUnsafeMutableBufferPointer { pixels in
      #expect(
        hr_frame_wrap(
          &frame, HR_RGB24, UInt32(picture.width), UInt32(picture.height), pixels.baseAddress!,
          pixels.count, nil) == HR_OK)
      result.bytes.withUnsafeMutableBufferPointer { out in
        let place = inPlace ? pixels.baseAddress! : out.baseAddress!
        #expect(
          hr_enhance(handle, &frame, elapsed, place, 3 * picture.width, &done, nil) == HR_OK)
      }
    }
    return (
      inPlace ? Picture(width: picture.width, height: picture.height, bytes: source) : result, done
    )
  }
}

@Suite struct EnhancerTests {
  @Test(arguments: [(1, 1), (1, 7), (9, 1), (2, 2), (3, 5), (97, 65), (200, 31), (64, 130)])
  func aFrameOfAnySizeBecomesWhatIsDescribed(width: Int, height: Int) throws {
    let picture = Picture.dark(width, height)
    let tone = try ShippedNetwork.tone()
    let (small, mean) = Description.small(picture)
    let expected = Description.result(picture, tone.coefficients(small), mean: mean)
    let (result, done) = try Lamp(width, height, tone: tone).enhance(picture)
    #expect(abs(Double(done.mean_root) - mean) < 1e-5)
    #expect(done.strength == 1)
    for (found, expected) in zip(result.bytes, expected) {
      // Half a code of rounding, and what tables of 12 digits leave.
      #expect(abs(Double(found) - expected) < 0.8)
    }
  }

  @Test func theResultIsTheSameInPlaceAndInAnyNumberOfParts() throws {
    let picture = Picture.dark(120, 77)
    let whole = try Lamp(120, 77).enhance(picture).0
    #expect(whole != picture)
    for threads in [1, 2, 3, 64] as [UInt32] {
      let lamp = try Lamp(200, 100, threads: threads)
      #expect(lamp.enhance(picture).0 == whole)
      #expect(lamp.enhance(picture, inPlace: true).0 == whole)
    }
  }

  @Test func lightPicturesComeBackAsTheyWere() throws {
    let picture = Picture.dark(90, 60, most: 200)
    let (result, done) = try Lamp(90, 60).enhance(picture)
    #expect(done.strength == 0)
    #expect(result == picture)
  }

  /// A dark frame's mean root moves to a light one's in steps that each close the same part of the gap.
  @Test func aVideoFollowsALightSwitchWithinHalfASecond() throws {
    let (night, dusk) = (Picture.dark(96, 64, most: 12), Picture.dark(96, 64, most: 36))
    let lamp = try Lamp(96, 64)
    for _ in 0..<5 { _ = lamp.enhance(night, elapsed: 33_000) }
    let alone = try Lamp(96, 64).enhance(dusk).1.mean_root
    let first = lamp.enhance(dusk, elapsed: 33_000).1.mean_root
    #expect(first < alone * 0.9)
    var last: Float = 0
    for _ in 1..<15 { last = lamp.enhance(dusk, elapsed: 33_000).1.mean_root }
    #expect(abs(last - alone) < 0.02 * alone)
    // A picture of its own does not follow.
    #expect(lamp.enhance(night).1.mean_root < 0.8 * alone)
  }

  /// Noise that changes from frame to frame changes the light of the result less in a video than in pictures.
  @Test func aVideoDoesNotFlicker() throws {
    func meanChange(elapsed: UInt64) throws -> Double {
      let lamp = try Lamp(48, 32)
      let levels = (0..<20).map { index -> Double in
        let result = lamp.enhance(
          .dark(48, 32, seed: UInt64(index), most: index % 2 == 0 ? 20 : 24), elapsed: elapsed
        ).1
        return Double(result.mean_root)
      }
      return zip(levels.dropFirst(8), levels.dropFirst(9)).map { abs($0 - $1) }.reduce(0, +)
    }
    #expect(try meanChange(elapsed: 33_000) < 0.4 * meanChange(elapsed: 0))
  }

  @Test(arguments: [0, 255] as [UInt8])
  func perfectBlackAndWhiteAreNoTrap(level: UInt8) throws {
    let picture = Picture(
      width: 33, height: 17, bytes: [UInt8](repeating: level, count: 3 * 33 * 17))
    let (result, done) = try Lamp(33, 17).enhance(picture)
    #expect(Set(stride(from: 0, to: result.bytes.count, by: 3).map { result.bytes[$0] }).count == 1)
    #expect(done.mean_root == (level == 0 ? 0.01 : 1))
  }

  /// Luma alone, as gray: the three channels go in alike, whatever the format says of chroma.
  @Test func framesOfAnyFormatAreConverted() throws {
    let (width, height) = (40, 26)
    let gray = (0..<width * height).map { UInt8(20 + $0 % 13) }
    let rgb = Picture(width: width, height: height, bytes: gray.flatMap { [$0, $0, $0] })
    let lamp = try Lamp(width, height)
    let expected = lamp.enhance(rgb).0.bytes
    var frame = hr_frame()
    var out = [UInt8](repeating: 0, count: 3 * width * height)
    gray.withUnsafeBufferPointer {
      #expect(
        hr_frame_wrap(
          &frame, HR_GRAY8, UInt32(width), UInt32(height), $0.baseAddress!, $0.count, nil)
          == HR_OK)
      #expect(hr_enhance(lamp.handle, &frame, 0, &out, 3 * width, nil, nil) == HR_OK)
    }
    #expect(out == expected)
  }

  @Test func whatMakesNoSenseIsRefused() throws {
    #expect(throws: RefusedModel.self) { try Lamp(0, 10) }
    #expect(throws: RefusedModel.self) { try Lamp(20_000, 10) }
    let refusal = #expect(throws: RefusedModel.self) {
      try Lamp(10, 10, tone: try ShippedNetwork("bottlefit/head.hrm"))
    }
    #expect(refusal?.message.contains("does not tell tones") == true)

    let lamp = try Lamp(20, 10)
    var out = [UInt8](repeating: 7, count: 3 * 30 * 10)
    var frame = hr_frame()
    var error = emptyError()
    let bytes = [UInt8](repeating: 1, count: 3 * 30 * 10)
    bytes.withUnsafeBufferPointer { pixels in
      #expect(
        hr_frame_wrap(&frame, HR_RGB24, 30, 10, pixels.baseAddress!, pixels.count, nil) == HR_OK)
      #expect(hr_enhance(lamp.handle, &frame, 0, &out, 90, nil, &error) == HR_BAD_FRAME)
      #expect(message(error).contains("max_width"))
      #expect(
        hr_frame_wrap(&frame, HR_RGB24, 20, 10, pixels.baseAddress!, pixels.count, nil) == HR_OK)
      #expect(hr_enhance(lamp.handle, &frame, 0, &out, 59, nil, &error) == HR_INVALID_ARGUMENT)
      #expect(hr_enhance(lamp.handle, &frame, 0, &out, -60, nil, &error) == HR_INVALID_ARGUMENT)
      #expect(hr_enhance(lamp.handle, &frame, 0, nil, 60, nil, &error) == HR_INVALID_ARGUMENT)
      #expect(hr_enhance(nil, &frame, 0, &out, 60, nil, &error) == HR_INVALID_ARGUMENT)
      var done = hr_enhancement()
      #expect(hr_enhance(lamp.handle, &frame, 0, &out, 60, &done, &error) == HR_INVALID_ARGUMENT)
    }
    #expect(out.allSatisfy { $0 == 7 })
  }

  /// By a clock that goes on by one at each look: at the start, and behind what the network reads, what it says, and
  /// what becomes of it.
  @Test func whatTheStepsTakeIsToldByTheCallersClock() throws {
    let tone = try ShippedNetwork.tone()
    var config = hr_enhancer_config()
    hr_enhancer_config_init(&config)
    (config.max_width, config.max_height, config.tone) = (20, 20, tone.session)
    var now: UInt64 = 1 << 40
    let picture = Picture.dark(20, 20)
    var done = hr_enhancement()
    done.struct_size = UInt32(MemoryLayout<hr_enhancement>.size)
    try withUnsafeMutablePointer(to: &now) { now in
      config.clock = {
        let now = $0!.assumingMemoryBound(to: UInt64.self)
        now.pointee += 1
        return now.pointee
      }
      config.clock_context = UnsafeMutableRawPointer(now)
      let memory = AlignedBytes(count: hr_enhancer_bytes(&config))
      var handle: OpaquePointer?
      try #require(hr_enhancer_init(&handle, memory.base, memory.count, &config, nil) == HR_OK)
      var frame = hr_frame()
      var out = picture.bytes
      picture.bytes.withUnsafeBufferPointer {
        #expect(hr_frame_wrap(&frame, HR_RGB24, 20, 20, $0.baseAddress!, $0.count, nil) == HR_OK)
        #expect(hr_enhance(handle, &frame, 0, &out, 60, &done, nil) == HR_OK)
      }
      #expect(now.pointee == (1 << 40) + 4)
    }
    #expect((done.prepare_ns, done.network_ns, done.finish_ns) == (1, 1, 1))
    done = try Lamp(20, 20).enhance(picture).1
    #expect((done.prepare_ns, done.network_ns, done.finish_ns) == (0, 0, 0))
  }

  @Test func aParallelThatReturnsTooEarlyIsToldOf() throws {
    let tone = try ShippedNetwork.tone()
    var config = hr_enhancer_config()
    hr_enhancer_config_init(&config)
    (config.max_width, config.max_height, config.tone) = (20, 20, tone.session)
    config.threads = 4
    config.parallel = { _, _, body, context in body?(context, 0) }
    let memory = AlignedBytes(count: hr_enhancer_bytes(&config))
    var handle: OpaquePointer?
    #expect(hr_enhancer_init(&handle, memory.base, memory.count, &config, nil) == HR_OK)
    let picture = Picture.dark(20, 20)
    var frame = hr_frame()
    var out = picture.bytes
    var error = emptyError()
    picture.bytes.withUnsafeBufferPointer {
      #expect(hr_frame_wrap(&frame, HR_RGB24, 20, 20, $0.baseAddress!, $0.count, nil) == HR_OK)
      #expect(hr_enhance(handle, &frame, 0, &out, 60, nil, &error) == HR_INVALID_ARGUMENT)
    }
    #expect(message(error).contains("returned before all parts"))
  }
}
