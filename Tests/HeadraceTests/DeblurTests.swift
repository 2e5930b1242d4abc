import CHeadrace
import Foundation
import Testing

@testable import Headrace

@Suite struct DeblurTests {
  /// By its definition, in double precision.
  @Test(arguments: [(2, 3), (5, 4), (12, 10), (15, 16), (9, 25)])
  func thePlaneTransformIsTheDefinition(width: Int, height: Int) {
    var random = ByteSource(seed: 4)
    let values = random.bytes(2 * width * height).map { Double($0) / 255 - 0.5 }
    let memory = AlignedBytes(count: PlaneFourier.byteCount(width, height))
    let fourier = PlaneFourier(width, height, in: memory.base)
    var plane = (0..<width * height).map {
      Complex<Float>(re: Float(values[2 * $0]), im: Float(values[2 * $0 + 1]))
    }
    plane.withUnsafeMutableBufferPointer { fourier.transform($0.baseAddress!) }
    for v in 0..<height {
      for u in 0..<width {
        var (re, im) = (0.0, 0.0)
        for y in 0..<height {
          for x in 0..<width {
            let turn =
              -2 * Double.pi
              * (Double(u * x) / Double(width) + Double(v * y) / Double(height))
            let (a, b) = (values[2 * (y * width + x)], values[2 * (y * width + x) + 1])
            re += a * cos(turn) - b * sin(turn)
            im += a * sin(turn) + b * cos(turn)
          }
        }
        let found = plane[v * width + u]
        #expect(abs(Double(found.re) - re) < 1e-4 && abs(Double(found.im) - im) < 1e-4)
      }
    }
  }

  @Test func sidesHaveNoFactorsButTwoThreeAndFive() {
    #expect(
      [1, 7, 11, 17, 64, 97, 704, 8256].map(PlaneFourier.side) == [
        2, 8, 12, 18, 64, 100, 720, 8640,
      ])
  }

  /// Shapes of a few gray levels.
  private func scene(_ width: Int, _ height: Int) -> [UInt8] {
    (0..<width * height).flatMap { place -> [UInt8] in
      let (x, y) = (place % width, place / width)
      let level = UInt8(40 + (x / 9 + y / 7) % 4 * 45)
      return [level, level / 2, 255 - level]
    }
  }

  private func blurred(_ pixels: [UInt8], _ width: Int, _ height: Int, _ k: [Float], _ side: Int)
    -> [UInt8]
  {
    let total = k.reduce(0, +)
    return (0..<pixels.count).map { index in
      let (c, x, y) = (index % 3, index / 3 % width, index / 3 / width)
      var sum: Float = 0
      for row in 0..<side {
        for column in 0..<side {
          let sx = min(max(x - (column - side / 2), 0), width - 1)
          let sy = min(max(y - (row - side / 2), 0), height - 1)
          sum += k[row * side + column] / total * Float(pixels[3 * (sy * width + sx) + c])
        }
      }
      return UInt8(sum.rounded())
    }
  }

  private func deblurred(
    _ pixels: [UInt8], _ width: Int, _ height: Int, _ kernel: [Float], _ side: UInt32
  ) -> (status: hr_status, pixels: [UInt8], error: String) {
    var config = hr_deblur_config()
    hr_deblur_config_init(&config)
    (config.max_width, config.max_height) = (UInt32(width), UInt32(height))
    (config.kernel_width, config.kernel_height) = (side, side)
    return kernel.withUnsafeBufferPointer { weights in
      config.kernel = weights.baseAddress
      let memory = AlignedBytes(count: max(64, hr_deblur_bytes(&config)))
      var handle: OpaquePointer?
      var error = emptyError()
      let status = hr_deblur_init(&handle, memory.base, memory.count, &config, &error)
      guard status == HR_OK else { return (status, pixels, message(error)) }
      var pixels = pixels
      pixels.withUnsafeMutableBufferPointer {
        var frame = hr_frame()
        #expect(
          hr_frame_wrap(
            &frame, HR_RGB24, UInt32(width), UInt32(height), $0.baseAddress!, $0.count, nil)
            == HR_OK)
        #expect(hr_deblur_run(handle, &frame, $0.baseAddress!, 3 * width, nil, nil) == HR_OK)
      }
      return (HR_OK, pixels, "")
    }
  }

  private func error(_ a: [UInt8], _ b: [UInt8]) -> Double {
    zip(a, b).map { pow(Double($0) - Double($1), 2) }.reduce(0, +) / Double(a.count)
  }

  /// A hand that shook across; weights that do not add up to one mean the same.
  @Test func aKnownBlurIsTakenOut() {
    let sharp = scene(90, 61)
    let kernel: [Float] =
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 2, 1] + [Float](repeating: 0, count: 10)
    let blurry = blurred(sharp, 90, 61, kernel, 5)
    let found = deblurred(blurry, 90, 61, kernel, 5)
    #expect(found.status == HR_OK)
    #expect(error(found.pixels, sharp) < 0.6 * error(blurry, sharp))
    #expect(deblurred(blurry, 90, 61, kernel.map { $0 * 1000 }, 5).pixels == found.pixels)
  }

  @Test(arguments: [(1, 1), (1, 40), (33, 2)])
  func withoutABlurPicturesOfAnySizeStayNearlyAsTheyAre(width: Int, height: Int) {
    let sharp = scene(width, height)
    let found = deblurred(sharp, width, height, [3], 1)
    #expect(found.status == HR_OK)
    // Where all of a picture is what a median filter takes, it counts as noise.
    if width * height == 1 { #expect(found.pixels == sharp) }
  }

  @Test func kernelsThatMakeNoSenseAreRefused() {
    let sharp = scene(8, 8)
    for kernel in [[0], [-1], [Float.nan], [.infinity], [1e9]] as [[Float]] {
      let found = deblurred(sharp, 8, 8, kernel, 1)
      #expect(found.status == HR_INVALID_ARGUMENT && found.error.contains("kernel"))
    }
    #expect(deblurred(sharp, 8, 8, [1, 1, 1, 1], 2).error.contains("odd"))
    #expect(deblurred(sharp, 8, 8, [Float](repeating: 1, count: 65 * 65), 65).error.contains("63"))
  }
}
