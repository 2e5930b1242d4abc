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
@inline(__always)
func dequantize<Element: FixedWidthInteger & SignedInteger>(
  _ args: hr_convert_args, _ type: Element.Type
) {
  let x = args.x!.of(Element.self)
  let y = args.y!.of(Float.self)
  let zero = Int(args.zero_x)
  for index in 0..<args.count { y[index] = args.scale * Float(Int(x[index]) &- zero) }
}
