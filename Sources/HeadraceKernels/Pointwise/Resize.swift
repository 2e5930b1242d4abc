import CHeadrace

/// HRM_RESIZE for float32.
func resizeFloat(_ args: hr_resize_args) {
  let row0 = args.row0!.of(Float.self)
  let row1 = args.row1!.of(Float.self)
  let weight = Float(bitPattern: UInt32(bitPattern: args.weight))
  resize(args, Float.self) { left, right, bits, y in
    let column = Float(bitPattern: UInt32(bitPattern: bits))
    for channel in 0..<args.channels {
      let top = mix(row0[left &+ channel], row0[right &+ channel], column)
      let bottom = mix(row1[left &+ channel], row1[right &+ channel], column)
      y[channel] = mix(top, bottom, weight)
    }
  }
}

@inline(__always)
private func mix(_ a: Float, _ b: Float, _ weight: Float) -> Float {
  (1 - weight) * a + weight * b
}

/// HRM_RESIZE for int8 and int16.
@_optimize(size)
@inline(never)
func resizeInteger<Element: IntegerActivation & SignedInteger>(
  _ args: hr_resize_args, _ type: Element.Type
) {
  resize(args, type) { left, right, column, y in
    mixColumns(args, left, right, column, y)
  }
}

/// HRM_RESIZE for int16. Where a picture doubles its size, weights are quarters.
func resizeInt16(_ args: hr_resize_args) {
  guard args.weight & 127 == 0 else { return resizeInteger(args, Int16.self) }
  let channels = args.channels
  let row0 = args.row0!.of(Int16.self)
  let row1 = args.row1!.of(Int16.self)
  var column = args.columns!
  var y = args.y!.of(Int16.self)
  var done = 0
  if channels == 3 {
    done = hr_resize_threes_i16(row0, row1, args.weight, column, args.width, y)
    column += 3 &* done
    y += 3 &* done
  }
  for _ in done..<args.width {
    let (left, right) = (Int(column[0]) &* channels, Int(column[1]) &* channels)
    let weight = column[2]
    if weight & 127 != 0 || channels < 8 {
      mixColumns(args, left, right, weight, y)
    } else {
      var channel = 0
      while channel < channels {
        // The last eight overlap those before.
        channel = min(channel, channels &- 8)
        let mixed = hr_mix_coarsely_i16x8(
          load8(row0 + (left &+ channel)), load8(row0 + (right &+ channel)),
          load8(row1 + (left &+ channel)), load8(row1 + (right &+ channel)), weight, args.weight)
        Int16.storeNarrowed8(mixed, y + channel)
        channel &+= 8
      }
    }
    column += 3
    y += channels
  }
}

/// A pixel's channels, between those of two columns in two rows.
@_optimize(size)
@inline(never)
private func mixColumns<Element: IntegerActivation & SignedInteger>(
  _ args: hr_resize_args, _ left: Int, _ right: Int, _ column: Int32,
  _ y: UnsafeMutablePointer<Element>
) {
  let left0 = args.row0!.of(Element.self) + left
  let right0 = args.row0!.of(Element.self) + right
  let left1 = args.row1!.of(Element.self) + left
  let right1 = args.row1!.of(Element.self) + right
  let low = Int64(args.weight)
  let high = 16384 &- low
  inEights(args.channels) { channel in
    let top = hr_mix_i16x8(
      Element.widen8(left0 + channel), Element.widen8(right0 + channel), column)
    let bottom = hr_mix_i16x8(
      Element.widen8(left1 + channel), Element.widen8(right1 + channel), column)
    Element.storeNarrowed8(hr_mix_rows_i32x8(top, bottom, args.weight), y + channel)
  } one: { channel in
    let top = mix(left0[channel], right0[channel], column)
    let bottom = mix(left1[channel], right1[channel], column)
    let sum = Int64(top) &* high &+ Int64(bottom) &* low
    y[channel] = Element(truncatingIfNeeded: (sum &+ (1 &<< 27)) &>> 28)
  }
}

/// Q14, below 2^29.
@inline(__always)
private func mix<Element: FixedWidthInteger & SignedInteger>(
  _ a: Element, _ b: Element, _ weight: Int32
) -> Int32 {
  Int32(truncatingIfNeeded: a) &* (16384 &- weight) &+ Int32(truncatingIfNeeded: b) &* weight
}

/// Copies the pixels that need no interpolation and calls `interpolate` for the others with the offsets
/// of both columns, the weight as it stands in the table, and where the pixel goes.
@inline(__always)
private func resize<Element>(
  _ args: hr_resize_args, _ type: Element.Type,
  _ interpolate: (Int, Int, Int32, UnsafeMutablePointer<Element>) -> Void
) {
  let row0 = args.row0!.of(type)
  var column = args.columns!
  var y = args.y!.of(type)
  for _ in 0..<args.width {
    let left = Int(column[0]) &* args.channels
    if args.weight == 0 && column[2] == 0 {
      y.update(from: row0 + left, count: args.channels)
    } else {
      interpolate(left, Int(column[1]) &* args.channels, column[2], y)
    }
    column += 3
    y += args.channels
  }
}
