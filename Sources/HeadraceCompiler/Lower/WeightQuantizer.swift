import CHeadrace
import Foundation

/// Weights and bias of a contraction in fixed point, so that no accumulator can overflow.
struct QuantizedContraction {
  /// int8, one row for each output channel.
  var rows: [[Int8]]
  /// Of the weights, one for each output channel.
  var scales: [Double]
  /// In units of inputScale * scale, the input's zero point folded in.
  var bias: [Int64]
  /// Channels whose weights had to become coarser.
  var coarsenedChannels: [Int] = []
}

enum WeightQuantizer {
  /// Weights to quantize: real numbers, or elements with the scale that the network gave.
  enum Source {
    case real([[Float]])
    case quantized([[Int32]], scales: [Double])
  }

  /// Symmetric per output channel. Where the sum of |weight| * 255 + |bias| could leave 32 bits
  /// (48 bits for int16 activations) the channel's scale is doubled until it does not. A weight of -128,
  /// which TFLite rules out, becomes -127.
  static func quantize(
    _ source: Source, bias: [Double]?, input: ElementFormat, at location: String
  ) throws -> QuantizedContraction {
    let count =
      switch source {
      case .real(let rows): rows.count
      case .quantized(let rows, _): rows.count
      }
    var result = QuantizedContraction(rows: [], scales: [], bias: [])
    for channel in 0..<count {
      let realBias = bias?[channel] ?? 0
      let reals: [Double]
      var scale: Double
      switch source {
      case .real(let rows):
        reals = rows[channel].map(Double.init)
        let largest = reals.reduce(0) { max($0, abs($1)) }
        scale = largest > 0 ? largest / 127 : emptyScale(realBias, Double(input.scale))
      case .quantized(let rows, let scales):
        reals = rows[channel].map { Double($0) * scales[channel] }
        scale = scales[channel]
      }
      guard reals.allSatisfy(\.isFinite), realBias.isFinite else {
        throw CompilerError("weights or bias hold a value that is not finite", at: location)
      }
      var attempt = 0
      while true {
        let row = reals.map { Int8(min(max(($0 / scale).rounded(.toNearestOrEven), -127), 127)) }
        let sum = row.reduce(0) { $0 + Int64($1) }
        let magnitude = row.reduce(0) { $0 + abs(Int64($1)) }
        let stored = (realBias / (Double(input.scale) * scale)).rounded(.toNearestOrEven)
        if fits(stored, magnitude: magnitude, sum: sum, input) {
          result.rows.append(row)
          result.scales.append(scale)
          result.bias.append(Int64(stored) - Int64(input.zeroPoint) * sum)
          if attempt > 0 { result.coarsenedChannels.append(channel) }
          break
        }
        attempt += 1
        guard attempt < 32 else {
          throw CompilerError("weights and bias do not fit fixed-point accumulators", at: location)
        }
        scale *= 2
      }
    }
    return result
  }

  /// A scale for a channel whose weights are all zero: fine enough for its bias.
  private static func emptyScale(_ bias: Double, _ inputScale: Double) -> Double {
    bias == 0 ? 1 : abs(bias) / (inputScale * 16_777_216)
  }

  private static func fits(
    _ bias: Double, magnitude: Int64, sum: Int64, _ input: ElementFormat
  ) -> Bool {
    let int8 = input.type == HRM_INT8
    let limit: Double = int8 ? 2_147_483_648 : 140_737_488_355_328
    let largestInput: Double = int8 ? 255 : 65535
    let folded = abs(bias - Double(input.zeroPoint) * Double(sum))
    return Double(magnitude) * largestInput + folded + abs(bias) < limit
  }
}
