import CHeadrace

/// How a tensor stores real numbers: real = scale * (element - zeroPoint).
struct ElementFormat: Hashable {
  var type: hrm_type
  /// 0 for float32 and for integers that stand for themselves.
  var scale: Float = 0
  var zeroPoint = 0

  static let float = ElementFormat(type: HRM_FLOAT32)
  static let int32 = ElementFormat(type: HRM_INT32)
  static let int64 = ElementFormat(type: HRM_INT64)

  /// The format that a value's quantization asks for; nil if it is not one of activations.
  init?(_ quantization: Quantization?) {
    guard let quantization, quantization.scales.count == 1 else { return nil }
    switch quantization.storage {
    case .int8: self.init(type: HRM_INT8)
    case .int16: self.init(type: HRM_INT16)
    case .int32: return nil
    }
    scale = quantization.scales[0]
    zeroPoint = quantization.zeroPoint
  }

  init(type: hrm_type, scale: Float = 0, zeroPoint: Int = 0) {
    self.type = type
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  static func == (a: ElementFormat, b: ElementFormat) -> Bool {
    a.type == b.type && a.scale == b.scale && a.zeroPoint == b.zeroPoint
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(type.rawValue)
    hasher.combine(scale)
    hasher.combine(zeroPoint)
  }

  var isFloat: Bool { type == HRM_FLOAT32 }

  var elementBytes: Int {
    switch type {
    case HRM_INT8: 1
    case HRM_INT16: 2
    case HRM_INT64: 8
    default: 4
    }
  }

  /// The elements that can be stored, for int8 and int16.
  var elementRange: ClosedRange<Int> {
    type == HRM_INT16 ? -32768...32767 : -128...127
  }

  /// The element nearest to a real number, halves to even, saturated; that of zero for NaN.
  func element(_ real: Double) -> Int {
    let element = (real / Double(scale)).rounded(.toNearestOrEven) + Double(zeroPoint)
    guard !element.isNaN else { return zeroPoint }
    return Int(min(max(element, Double(elementRange.lowerBound)), Double(elementRange.upperBound)))
  }

  func real(_ element: Int) -> Double { Double(scale) * Double(element - zeroPoint) }

  /// Real numbers as the bytes of a tensor of this format (float32, int8 or int16).
  func encode(_ reals: [Double]) -> [UInt8] {
    switch type {
    case HRM_INT8: bytes(of: reals.map { Int8(element($0)) })
    case HRM_INT16: bytes(of: reals.map { Int16(element($0)) })
    default: bytes(of: reals.map { Float($0) })
    }
  }

  /// A fused activation's limits in stored units; float32 bits for float.
  func limits(_ clamp: Clamp?) -> (min: Int32, max: Int32) {
    let clamp = clamp ?? Clamp(min: -.infinity, max: .infinity)
    if isFloat {
      return (
        Int32(bitPattern: clamp.min.bitPattern), Int32(bitPattern: clamp.max.bitPattern)
      )
    }
    return (Int32(element(Double(clamp.min))), Int32(element(Double(clamp.max))))
  }
}
