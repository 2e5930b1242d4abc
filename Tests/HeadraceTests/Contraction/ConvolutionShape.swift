import CHeadrace
import Testing

/// A convolution, depthwise if `groups` is the input's channels and `isDepthwise` says so.
struct ConvolutionShape: CustomTestStringConvertible, Sendable {
  var batch = 1
  var height: Int
  var width: Int
  var input: Int
  var output: Int
  var kernel: (h: Int, w: Int) = (3, 3)
  var stride: (h: Int, w: Int) = (1, 1)
  var dilation: (h: Int, w: Int) = (1, 1)
  var pads: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0)
  var groups = 1

  var groupInput: Int { input / groups }
  var groupOutput: Int { output / groups }
  var outputHeight: Int {
    (height + pads.top + pads.bottom - (kernel.h - 1) * dilation.h - 1) / stride.h + 1
  }
  var outputWidth: Int {
    (width + pads.left + pads.right - (kernel.w - 1) * dilation.w - 1) / stride.w + 1
  }
  var depth: Int { kernel.h * kernel.w * groupInput }

  var testDescription: String {
    "\(batch)x\(height)x\(width)x\(input) to \(output), kernel \(kernel.h)x\(kernel.w), "
      + "stride \(stride), dilation \(dilation), pads \(pads), groups \(groups)"
  }

  func parameters(_ clamps: (Int32, Int32)) -> hrm_conv {
    hrm_conv(
      kernel_h: Int32(kernel.h), kernel_w: Int32(kernel.w), stride_h: Int32(stride.h),
      stride_w: Int32(stride.w), dilation_h: Int32(dilation.h),
      dilation_w: Int32(dilation.w), pad_top: Int32(pads.top), pad_left: Int32(pads.left),
      pad_bottom: Int32(pads.bottom), pad_right: Int32(pads.right), groups: Int32(groups),
      clamp_min: clamps.0, clamp_max: clamps.1)
  }

  /// The convolution by its definition. x: N x H x W x C, less its zero point; w: O x kh x kw x C/G.
  func convolve(_ x: [Double], _ w: [Double], _ bias: [Double]) -> [Double] {
    var y: [Double] = []
    for n in 0..<batch {
      for oy in 0..<outputHeight {
        for ox in 0..<outputWidth {
          for o in 0..<output {
            var sum = bias[o]
            for ky in 0..<kernel.h {
              let iy = oy * stride.h + ky * dilation.h - pads.top
              guard iy >= 0, iy < height else { continue }
              for kx in 0..<kernel.w {
                let ix = ox * stride.w + kx * dilation.w - pads.left
                guard ix >= 0, ix < width else { continue }
                let pixel = ((n * height + iy) * width + ix) * input + o / groupOutput * groupInput
                let tap = ((o * kernel.h + ky) * kernel.w + kx) * groupInput
                for i in 0..<groupInput { sum += x[pixel + i] * w[tap + i] }
              }
            }
            y.append(sum)
          }
        }
      }
    }
    return y
  }

  /// The transposed convolution by its definition: every input spreads to the outputs.
  func spread(
    _ x: [Double], _ w: [Double], _ bias: [Double], to size: (h: Int, w: Int)
  ) -> [Double] {
    var y: [Double] = []
    for _ in 0..<batch * size.h * size.w { y += bias }
    for n in 0..<batch {
      for iy in 0..<height {
        for ix in 0..<width {
          for ky in 0..<kernel.h {
            let oy = iy * stride.h + ky * dilation.h - pads.top
            guard oy >= 0, oy < size.h else { continue }
            for kx in 0..<kernel.w {
              let ox = ix * stride.w + kx * dilation.w - pads.left
              guard ox >= 0, ox < size.w else { continue }
              for o in 0..<output {
                let pixel = ((n * height + iy) * width + ix) * input + o / groupOutput * groupInput
                let tap = ((o * kernel.h + ky) * kernel.w + kx) * groupInput
                for i in 0..<groupInput {
                  y[((n * size.h + oy) * size.w + ox) * output + o] += x[pixel + i] * w[tap + i]
                }
              }
            }
          }
        }
      }
    }
    return y
  }

  /// O x kh x kw x C/G into hrm.h's [G * ceil(O/G / 8)][ceil(K / run)][8][run].
  func packInBlocks<Element: Numeric>(_ w: [Element], run: Int) -> [Element] {
    let quads = (depth + run - 1) / run
    var packed = [Element](repeating: 0, count: paddedChannels * quads * run)
    for o in 0..<output {
      for k in 0..<depth {
        let slot = paddedChannel(o)
        packed[((slot / 8 * quads + k / run) * 8 + slot % 8) * run + k % run] = w[o * depth + k]
      }
    }
    return packed
  }

  /// Where output channel `o` stands among the padded channels.
  func paddedChannel(_ o: Int) -> Int {
    o / groupOutput * ((groupOutput + 7) / 8 * 8) + o % groupOutput
  }

  var paddedChannels: Int { groups * ((groupOutput + 7) / 8 * 8) }

  func blockedWeightDims(run: Int) -> [Int] {
    [paddedChannels / 8, (depth + run - 1) / run, 8] + (run == 1 ? [] : [run])
  }

  /// O x kh x kw x 1 into hrm.h's [kh][kw][P] of depthwise convolutions.
  func packDepthwise<Element: Numeric>(_ w: [Element]) -> [Element] {
    let padded = (output + 7) / 8 * 8
    var packed = [Element](repeating: 0, count: depth * padded)
    for o in 0..<output {
      for k in 0..<depth { packed[k * padded + o] = w[o * depth + k] }
    }
    return packed
  }
}
