import CHeadrace

/// HRM_QUANTIZE. No conversion from float to integer can trap or be undefined here: the clamped value
/// plus 1.5 * 2^23 is a float whose low bits are the integer, rounded half to even.
@inline(__always)
func quantize<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_convert_args, _ type: Element.Type
) {
  let x = args.x!.of(Float.self)
  let y = args.y!.of(Element.self)
  let magic: Float = 12_582_912
  for index in 0..<args.count {
    let scaled = x[index] / args.scale
    let number = scaled == scaled ? scaled : 0
    // Beyond what any zero point brings back into the type's range.
    let shifted = clampFloat(number, -131_072, 131_072) + magic
    let rounded = Int32(bitPattern: shifted.bitPattern) &- Int32(bitPattern: magic.bitPattern)
    y[index] = Element(saturating: rounded &+ args.zero_y)
  }
}

/// HRM_DEQUANTIZE.
@_optimize(size)
@inline(never)
func dequantize<Element: IntegerActivation & SignedInteger>(
  _ args: hr_convert_args, _ type: Element.Type
) {
  let x = args.x!.of(Element.self)
  let y = args.y!.of(Float.self)
  let zero = args.zero_x
  inEights(args.count) { index in
    let values = hr_widen_i16x8(Element.widen8(x + index)) &- SIMD8(repeating: zero)
    store8(args.scale * hr_to_f32x8(values), y + index, 8)
  } one: { index in
    y[index] = args.scale * Float(Int32(truncatingIfNeeded: x[index]) &- zero)
  }
}
