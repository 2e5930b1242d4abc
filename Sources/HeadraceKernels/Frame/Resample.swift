import CHeadrace

/// The horizontal half of a resize: adds, for every output column, its weighted pixels of one row.
/// `rgb` holds pixels x ..< x + count of that row, which may be only some of a column's.
///
/// The sum of the pixels is taken first and weighed once; the two ends are corrected after that.
/// Weights wrap in between, the result does not: it is at most 255 times the axis's total.
func gatherRow(
  _ rgb: UnsafePointer<UInt8>, _ x: Int32, _ count: Int32, _ taps: UnsafePointer<hr_taps>,
  _ columns: Int, _ sums: UnsafeMutablePointer<UInt32>
) {
  let end = x &+ count
  var column = 0
  while column < columns {
    let tap = taps[column]
    let tapEnd = tap.first &+ tap.count
    let low = tap.first > x ? tap.first : x
    let high = tapEnd < end ? tapEnd : end
    if low < high {
      var pixel = rgb + Int(low &- x) &* 3
      let last = rgb + Int(high &- 1 &- x) &* 3
      let sum = sums + column &* 3
      var red: UInt32 = 0
      var green: UInt32 = 0
      var blue: UInt32 = 0
      if low == tap.first {
        let weight = tap.first_weight &- tap.inner_weight
        red = weight &* UInt32(pixel[0])
        green = weight &* UInt32(pixel[1])
        blue = weight &* UInt32(pixel[2])
      }
      if high == tapEnd {
        let weight = tap.last_weight &- tap.inner_weight
        red &+= weight &* UInt32(last[0])
        green &+= weight &* UInt32(last[1])
        blue &+= weight &* UInt32(last[2])
      }
      if tap.inner_weight != 0 {
        var plainRed: UInt32 = 0
        var plainGreen: UInt32 = 0
        var plainBlue: UInt32 = 0
        while pixel <= last {
          plainRed &+= UInt32(pixel[0])
          plainGreen &+= UInt32(pixel[1])
          plainBlue &+= UInt32(pixel[2])
          pixel += 3
        }
        red &+= tap.inner_weight &* plainRed
        green &+= tap.inner_weight &* plainGreen
        blue &+= tap.inner_weight &* plainBlue
      }
      sum[0] &+= red
      sum[1] &+= green
      sum[2] &+= blue
    }
    column &+= 1
  }
}

/// The vertical half: totals[i] += weight * sums[i].
func accumulateRow(
  _ sums: UnsafePointer<UInt32>, _ weight: UInt32, _ count: Int,
  _ totals: UnsafeMutablePointer<UInt64>
) {
  var i = 0
  while i < count {
    totals[i] &+= UInt64(weight) &* UInt64(sums[i])
    i &+= 1
  }
}

/// Divides by the total weight, as a multiplication: out[i] = (totals[i] + half) * reciprocal / 2^55.
func divideTotals(
  _ totals: UnsafePointer<UInt64>, _ count: Int, _ half: UInt64, _ reciprocal: UInt64,
  _ out: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    out[i] = UInt8(truncatingIfNeeded: ((totals[i] &+ half) &* reciprocal) &>> 55)
    i &+= 1
  }
}
