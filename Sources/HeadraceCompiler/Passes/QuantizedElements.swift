extension Value {
  /// The real numbers of a floating-point constant, or those that a quantized one stands for; nil for
  /// integers and for what is not constant.
  var realElements: [Float]? {
    switch constant {
    case .float(let elements)?: return elements
    case .quantized(let elements)?:
      guard let quantization else { return nil }
      let zeroPoint = Int32(quantization.zeroPoint)
      guard let axis = quantization.axis else {
        return elements.map { quantization.scales[0] * Float($0 &- zeroPoint) }
      }
      let run = shape[(axis + 1)...].reduce(1, *)
      return elements.enumerated().map { index, element in
        let scale = quantization.scales[index / run % quantization.scales.count]
        return scale * Float(element &- zeroPoint)
      }
    case .int64?, nil: return nil
    }
  }
}

extension Quantization {
  var range: ClosedRange<Float> {
    switch storage {
    case .int8: -128...127
    case .int16: -32768...32767
    case .int32: -2_147_483_648...2_147_483_520
    }
  }

  /// The elements nearest to `reals`, halves to even, saturated.
  func elements(of reals: [Float], shape: [Int]) -> [Int32] {
    let run = axis.map { shape[($0 + 1)...].reduce(1, *) } ?? 1
    return reals.enumerated().map { index, real in
      let scale = axis == nil ? scales[0] : scales[index / run % scales.count]
      let element = (real / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
      guard !element.isNaN else { return Int32(zeroPoint) }
      return Int32(min(max(element, range.lowerBound), range.upperBound))
    }
  }
}
