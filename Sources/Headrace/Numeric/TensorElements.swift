import CHeadrace

/// The elements of a tensor as real numbers: scale * (element - zero point).
struct TensorElements {
  private let data: UnsafeMutableRawPointer
  private let type: hr_type
  private let scale: Float
  private let zeroPoint: Int32

  init(
    _ data: UnsafeMutableRawPointer, _ type: hr_type, scale: Float, zeroPoint: Int32
  ) {
    self.data = data
    self.type = type
    // 0 stands for "not quantized": elements are the numbers themselves.
    self.scale = scale.bitPattern == 0 ? 1 : scale
    self.zeroPoint = zeroPoint
  }

  /// All `count` elements of a caller's tensor.
  init(_ tensor: UnsafePointer<hr_tensor>?, count: Int) throws(Failure) {
    guard
      let tensor, Int(clamping: tensor.pointee.struct_size) >= MemoryLayout<hr_tensor>.size,
      let data = tensor.pointee.data
    else { throw .invalidArgument("the tensor is NULL or has no data") }
    let size: Int
    switch tensor.pointee.type {
    case HR_INT8: size = 1
    case HR_INT16: size = 2
    case HR_FLOAT32, HR_INT32: size = 4
    case HR_INT64: size = 8
    default: throw .invalidArgument("unknown tensor type")
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard count > 0, !overflow, bytes == tensor.pointee.bytes else {
      throw .invalidArgument("the count is not the tensor's number of elements")
    }
    self.init(
      data, tensor.pointee.type, scale: tensor.pointee.scale,
      zeroPoint: tensor.pointee.zero_point)
  }

  func real(_ index: Int) -> Float {
    let element: Int
    switch type {
    case HR_INT8: element = Int(load(index, Int8.self))
    case HR_INT16: element = Int(load(index, Int16.self))
    case HR_INT32: element = Int(load(index, Int32.self))
    case HR_INT64: return scale * Float(load(index, Int64.self) &- Int64(zeroPoint))
    default: return load(index, Float.self)
    }
    return scale * Float(element &- Int(zeroPoint))
  }

  /// Stores as many, each as `store` does.
  func store(_ reals: UnsafePointer<Float>, count: Int) {
    var index = 0
    if type == HR_INT16 {
      while index &+ 8 <= count {
        storeEight(reals + index, index)
        index &+= 8
      }
    }
    while index < count {
      store(reals[index], at: index)
      index &+= 1
    }
  }

  /// As int16.
  @inline(__always)
  private func storeEight(_ reals: UnsafePointer<Float>, _ index: Int) {
    let steps = UnsafeRawPointer(reals).loadUnaligned(as: SIMD8<Float>.self) / scale
    let numbers = steps.replacing(with: 0, where: steps .!= steps)
    let sums = hr_clamp_f32x8(numbers, -Self.farthest, Self.farthest) + Self.ones
    let elements =
      unsafeBitCast(sums, to: SIMD8<Int32>.self) &- Int32(bitPattern: Self.ones.bitPattern)
    data.storeBytes(
      of: hr_narrow_to_i16x8(hr_clamp_i32x8(elements &+ nearZero, -32768, 32767)),
      toByteOffset: 2 &* index, as: SIMD8<Int16>.self)
  }

  /// Rounds to nearest, halves to even, and saturates; what is not a number becomes zero.
  func store(_ real: Float, at index: Int) {
    let steps = real / scale
    switch type {
    case HR_INT8: store(Int8(truncatingIfNeeded: nearest(steps, -128, 127)), index)
    case HR_INT16: store(Int16(truncatingIfNeeded: nearest(steps, -32768, 32767)), index)
    case HR_INT32: store(saturated(rintf(steps), Int32.min, Int32.max), index)
    case HR_INT64: store(saturated(rintf(steps), Int64.min, Int64.max), index)
    default: store(real, index)
    }
  }

  /// zero point + steps, within `low` ... `high`, which are below 2^16: quicker than rintf, which some CPUs call.
  @inline(__always)
  private func nearest(_ steps: Float, _ low: Int32, _ high: Int32) -> Int32 {
    let sum = max(-Self.farthest, min(Self.farthest, steps == steps ? steps : 0)) + Self.ones
    let element = Int32(bitPattern: sum.bitPattern &- Self.ones.bitPattern)
    return max(low, min(high, element &+ nearZero))
  }

  /// Where ones are the last digits of a Float, a sum is rounded to them.
  private static var ones: Float { 0x1.8p23 }
  /// What is farther from zero saturates as well: steps, and the zero point.
  private static var farthest: Float { 0x1p16 }
  private var nearZero: Int32 { max(-1 &<< 17, min(1 &<< 17, zeroPoint)) }

  /// zero point + element, within `low` ... `high`.
  private func saturated<Element: FixedWidthInteger>(
    _ element: Float, _ low: Element, _ high: Element
  ) -> Element {
    // 2^62 is beyond every type but int64, and its conversion is safe.
    let bound: Float = 0x1p62
    guard element == element else { return Element(clamping: zeroPoint) }
    let steps = Int64(max(-bound, min(bound, element)))
    if Element.bitWidth == 64, abs(element) >= bound { return element < 0 ? low : high }
    return Element(clamping: steps &+ Int64(zeroPoint))
  }

  private func load<Element: BitwiseCopyable>(_ index: Int, _ type: Element.Type) -> Element {
    data.loadUnaligned(fromByteOffset: index &* MemoryLayout<Element>.size, as: type)
  }

  private func store<Element: BitwiseCopyable>(_ element: Element, _ index: Int) {
    data.storeBytes(
      of: element, toByteOffset: index &* MemoryLayout<Element>.size, as: Element.self)
  }
}
