/// Rows of packed formats to RGB24: x ..< x + count of `row`.

func convertBGR24(
  _ row: UnsafePointer<UInt8>, _ x: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>
) {
  let source = row + x &* 3
  var i = 0
  while i < count &* 3 {
    rgb[i] = source[i &+ 2]
    rgb[i &+ 1] = source[i &+ 1]
    rgb[i &+ 2] = source[i]
    i &+= 3
  }
}

func convertRGBA32(
  _ row: UnsafePointer<UInt8>, _ x: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>
) {
  let source = row + x &* 4
  var i = 0
  while i < count {
    rgb[i &* 3] = source[i &* 4]
    rgb[i &* 3 &+ 1] = source[i &* 4 &+ 1]
    rgb[i &* 3 &+ 2] = source[i &* 4 &+ 2]
    i &+= 1
  }
}

func convertGray8(
  _ row: UnsafePointer<UInt8>, _ x: Int, _ count: Int, _ rgb: UnsafeMutablePointer<UInt8>
) {
  let source = row + x
  var i = 0
  while i < count {
    let value = source[i]
    rgb[i &* 3] = value
    rgb[i &* 3 &+ 1] = value
    rgb[i &* 3 &+ 2] = value
    i &+= 1
  }
}

/// BT.601 luma of RGB24. The weights add up to 256, so that gray stays what it was.
func convertToLuma(
  _ rgb: UnsafePointer<UInt8>, _ count: Int, _ gray: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    let red = UInt32(rgb[i &* 3])
    let green = UInt32(rgb[i &* 3 &+ 1])
    let blue = UInt32(rgb[i &* 3 &+ 2])
    gray[i] = UInt8(truncatingIfNeeded: (77 &* red &+ 150 &* green &+ 29 &* blue &+ 128) &>> 8)
    i &+= 1
  }
}
