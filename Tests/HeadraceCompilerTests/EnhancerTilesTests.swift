import CHeadrace
import Foundation
import Testing

@testable import HeadraceCompiler

/// A session of a model made for a test.
private final class MadeSession {
  private let memory: UnsafeMutableRawPointer
  private var file: UnsafeMutableRawPointer
  private var model = hr_model()
  private(set) var handle: OpaquePointer?
  private static let byteCount = 16 << 20

  init(_ graph: Graph) throws {
    memory = .allocate(byteCount: Self.byteCount, alignment: 64)
    file = .allocate(byteCount: 1, alignment: 64)
    try set(graph)
  }

  /// Sets a session of another model up in the same place.
  func set(_ graph: Graph) throws {
    let bytes = try ModelWriter.write(Lowering.lower(graph)).bytes
    file.deallocate()
    file = .allocate(byteCount: bytes.count, alignment: 64)
    file.copyMemory(from: bytes, byteCount: bytes.count)
    #expect(hr_model_open(&model, file, bytes.count, nil) == HR_OK)
    var config = hr_session_config()
    hr_session_config_init(&config)
    #expect(hr_session_init(&handle, memory, Self.byteCount, &model, &config, nil) == HR_OK)
  }

  deinit {
    memory.deallocate()
    file.deallocate()
  }
}

/// Networks so simple that what they should make of a whole picture is known.
private enum Made {
  static let (tileWidth, tileHeight) = (144, 136)

  /// Says the same tones of every picture: a matrix, an offset, and a gamma of one half.
  static func tone(_ coefficients: [Float], exponents: Bool = false, every step: Int = 4) -> Graph {
    var net = LowerNetwork(input: [1, 64, 96, 5])
    let mean = net.add(.reduce(.mean, axes: [1, 2]), [net.input], [1, 1, 1, 5])
    let flat = net.add(.reshape, [mean], [1, 5])
    let w = net.constant([Float](repeating: 0, count: 13 * 5), [13, 5])
    net.graph.outputs = [
      net.add(.dense(clamp: nil), [flat, w, net.constant(coefficients, [13])], [1, 13])
    ]
    if exponents {
      var convolution = Convolution()
      convolution.strides = [step, step]
      let weights = net.constant([Float](repeating: 0, count: 10), [2, 5, 1, 1])
      net.graph.outputs.append(
        net.add(
          .convolution(convolution), [net.input, weights, net.constant([0.5, 0], [2])],
          [1, 64 / step, 96 / step, 2]))
    }
    return net.graph
  }

  /// Far-sighted: each pixel and those `reach` to the left and above, and a share of the picture that was not filtered.
  static func clean(reach: Int) -> Graph {
    let shape = [1, tileHeight, tileWidth, 3]
    var net = LowerNetwork(input: shape)
    let plain = net.graph.add(Value(name: "plain", shape: shape))
    net.graph.inputs.append(plain)
    net.graph.pictures = [
      0: PictureInput(color: .rgb, fit: .stretch, mean: [0, 0, 0], deviation: [1, 1, 1]),
      1: PictureInput(color: .rgb, fit: .stretch, mean: [0, 0, 0], deviation: [1, 1, 1]),
    ]
    func reached(_ x: Graph.ValueID, _ axis: Int) -> Graph.ValueID {
      var convolution = Convolution()
      convolution.groups = 3
      convolution.dilations = axis == 0 ? [reach, 1] : [1, reach]
      convolution.pads = axis == 0 ? [reach, 0, 0, 0] : [0, reach, 0, 0]
      let kernel = axis == 0 ? [3, 1, 2, 1] : [3, 1, 1, 2]
      return net.add(
        .convolution(convolution),
        [x, net.constant([0.25, 0.75, 0.25, 0.75, 0.25, 0.75], kernel), nil], shape)
    }
    let far = reached(reached(net.input, 0), 1)
    let half = net.constant([0.5], [1, 1, 1, 1])
    let sum = net.add(
      .binary(.add, clamp: nil),
      [
        net.add(.binary(.mul, clamp: nil), [far, half], shape),
        net.add(.binary(.mul, clamp: nil), [plain, half], shape),
      ], shape)
    net.graph.outputs = [sum]
    return net.graph
  }
}

@Suite struct EnhancerTilesTests {
  /// What the networks above make of a picture as a whole, from 0 to 255.
  private func expected(
    _ pixels: [UInt8], _ width: Int, _ height: Int, scale: Double, mean: Double, reach: Int
  ) -> [Double] {
    func mirrored(_ at: Int, _ extent: Int) -> Int {
      at < 0 ? -at : at >= extent ? 2 * extent - 2 - at : at
    }
    func code(_ x: Int, _ y: Int, _ c: Int) -> Double {
      Double(pixels[3 * (mirrored(y, height) * width + mirrored(x, width)) + c])
    }
    func toned(_ code: Double) -> Double {
      // To a code, as the network reads it.
      (255 * min(1, scale * min(4, (code / 255).squareRoot() / mean))).rounded()
    }
    func filtered(_ x: Int, _ y: Int, _ c: Int) -> Double {
      var sum = 0.0
      for (dy, down) in [1.0, 2, 1].enumerated() {
        for (dx, over) in [1.0, 2, 1].enumerated() {
          sum += down * over * code(x + dx - 1, y + dy - 1, c)
        }
      }
      return toned(sum / 16)
    }
    var mapped: [Double] = []
    for y in 0..<height {
      for x in 0..<width { for c in 0..<3 { mapped.append(filtered(x, y, c)) } }
    }
    func at(_ x: Int, _ y: Int, _ c: Int) -> Double {
      x < 0 || y < 0 ? 0 : mapped[3 * (y * width + x) + c]
    }
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let far =
            0.0625 * at(x - reach, y - reach, c) + 0.1875 * at(x, y - reach, c)
            + 0.1875 * at(x - reach, y, c) + 0.5625 * at(x, y, c)
          result.append(0.5 * far + 0.5 * toned(code(x, y, c)))
        }
      }
    }
    return result
  }

  private func enhanced(
    _ pixels: [UInt8], _ width: Int, _ height: Int, _ tone: MadeSession, _ clean: MadeSession?,
    threads: UInt32 = 1, meanwhile: () -> Void = {}
  ) -> (status: hr_status, pixels: [UInt8], mean: Double) {
    var config = hr_enhancer_config()
    hr_enhancer_config_init(&config)
    (config.max_width, config.max_height) = (UInt32(width), UInt32(height))
    (config.tone, config.clean) = (tone.handle, clean?.handle)
    config.threads = threads
    config.parallel = { _, count, body, context in for part in 0..<count { body?(context, part) } }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, hr_enhancer_bytes(&config)), alignment: 64)
    defer { memory.deallocate() }
    var handle: OpaquePointer?
    var status = hr_enhancer_init(&handle, memory, hr_enhancer_bytes(&config), &config, nil)
    guard status == HR_OK else { return (status, pixels, 0) }
    meanwhile()
    // In place, so that no tile may read what another has finished.
    var pixels = pixels
    var done = hr_enhancement()
    done.struct_size = UInt32(MemoryLayout<hr_enhancement>.size)
    pixels.withUnsafeMutableBufferPointer {
      var frame = hr_frame()
      #expect(
        hr_frame_wrap(
          &frame, HR_RGB24, config.max_width, config.max_height, $0.baseAddress!, $0.count, nil)
          == HR_OK)
      status = hr_enhance(handle, &frame, 0, $0.baseAddress!, 3 * width, &done, nil)
    }
    return (status, pixels, Double(done.mean_root))
  }

  private func dark(_ width: Int, _ height: Int) -> [UInt8] {
    var random = LinearCongruential(state: 3)
    return (0..<3 * width * height).map {
      UInt8(8 + (($0 / 3 % width) / 9 + ($0 / 3 / width) / 7) % 3 * 8 + Int(random.next(below: 8)))
    }
  }

  /// The network looks as far as it may, and each picture but the first needs several tiles.
  @Test(arguments: [(100, 60), (144, 136), (145, 137), (300, 200), (330, 90), (40, 300)])
  func tilesMakeWhatTheWholePictureWouldBe(width: Int, height: Int) throws {
    let scale: Float = 0.3
    let tone = try MadeSession(Made.tone([scale, 0, 0, 0, scale, 0, 0, 0, scale, 0, 0, 0, 0.5]))
    let clean = try MadeSession(Made.clean(reach: 64))
    let pixels = dark(width, height)
    let found = enhanced(pixels, width, height, tone, clean)
    let wanted = expected(
      pixels, width, height, scale: Double(scale), mean: found.mean, reach: 64)
    let largest = zip(found.pixels, wanted).map { abs(Double($0) - $1) }.max()!
    // A code that is rounded the other way before the network, and half a code behind it.
    #expect(largest < 1.6)
    #expect(enhanced(pixels, width, height, tone, clean, threads: 5).pixels == found.pixels)
  }

  /// An exponent of one half everywhere: codes to the power of the root of two.
  @Test func aLocalGammaComesBetweenTonesAndTheCleanNetwork() throws {
    let scale: Float = 0.25
    let coefficients = [scale, 0, 0, 0, scale, 0, 0, 0, scale, 0, 0, 0, 0.5]
    let clean = try MadeSession(Made.clean(reach: 1))
    // Each picture is of one color, so that neither filter nor network changes it away from the edges.
    for level in [6, 12, 25] as [UInt8] {
      let pixels = [UInt8](repeating: level, count: 3 * 160 * 140)
      let without = enhanced(pixels, 160, 140, try MadeSession(Made.tone(coefficients)), clean)
      let with = enhanced(
        pixels, 160, 140, try MadeSession(Made.tone(coefficients, exponents: true)), clean)
      let middle = 3 * (70 * 160 + 80)
      let toned = 255 * Double(scale) * min(4, (Double(level) / 255).squareRoot() / with.mean)
      #expect(abs(Double(without.pixels[middle]) - toned) < 1)
      #expect(abs(Double(with.pixels[middle]) - 255 * pow(toned / 255, 2.0.squareRoot())) < 1.5)
    }
  }

  /// Whose second output is elsewhere, smaller or larger.
  @Test func aSessionThatAnotherTookThePlaceOfIsNotRead() throws {
    let coefficients = [Float](repeating: 0.1, count: 13)
    let clean = try MadeSession(Made.clean(reach: 1))
    for step in [2, 8, 32] {
      let tone = try MadeSession(Made.tone(coefficients, exponents: true))
      let found = enhanced(dark(20, 20), 20, 20, tone, clean) {
        #expect(throws: Never.self) {
          try tone.set(Made.tone(coefficients, exponents: true, every: step))
        }
      }
      #expect(found.status == HR_INVALID_ARGUMENT)
    }
  }

  @Test func networksThatDoNotFitAreRefused() throws {
    let coefficients = [Float](repeating: 0, count: 13)
    let tone = try MadeSession(Made.tone(coefficients))
    #expect(enhanced(dark(20, 20), 20, 20, tone, tone).status == HR_INVALID_ARGUMENT)
    let local = try MadeSession(Made.tone(coefficients, exponents: true))
    #expect(enhanced(dark(20, 20), 20, 20, local, nil).status == HR_INVALID_ARGUMENT)
    var blind = Made.clean(reach: 1)
    blind.pictures = [:]
    #expect(
      enhanced(dark(20, 20), 20, 20, tone, try MadeSession(blind)).status == HR_INVALID_ARGUMENT)
  }
}
