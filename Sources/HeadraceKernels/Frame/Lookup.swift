/// Normalises 8-bit values through a table of 256 entries a channel:
/// out[i][c] = table[c][values[i][swap ? channels - 1 - c : c]], with one or three channels.
@inline(__always)
func normalizePixels<Element: BitwiseCopyable>(
  _ values: UnsafePointer<UInt8>, _ pixels: Int, _ channels: Int, _ swap: UInt32,
  _ table: UnsafePointer<Element>, _ out: UnsafeMutablePointer<Element>
) {
  if channels == 1 {
    var i = 0
    while i < pixels {
      out[i] = table[Int(values[i])]
      i &+= 1
    }
    return
  }
  let first = swap != 0 ? 2 : 0
  let (red, blue) = (values + first, values + (2 &- first))
  let (second, third) = (table + 256, table + 512)
  var i = 0
  while i < pixels &* 3 {
    out[i] = table[Int(red[i])]
    out[i &+ 1] = second[Int(values[i &+ 1])]
    out[i &+ 2] = third[Int(blue[i])]
    i &+= 3
  }
}
