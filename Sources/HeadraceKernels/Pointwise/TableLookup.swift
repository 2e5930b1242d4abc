import CHeadrace

/// HRM_LOOKUP for int8: 256 entries.
@inline(never)
func lookup8(_ args: hr_lookup_args) {
  let x = args.x!.of(Int8.self)
  let table = args.table!.of(Int8.self) + 128
  let y = args.y!.of(Int8.self)
  var first = 0
  #if arch(arm64)
  first = hr_lookup_thirty_twos_i8(x, table, y, args.count)
  #endif
  for index in first..<args.count { y[index] = table[Int(x[index])] }
}

/// HRM_LOOKUP for int16: 513 entries, interpolated over 128 steps.
func lookup16(_ args: hr_lookup_args) {
  let x = args.x!.of(Int16.self)
  let table = args.table!.of(Int16.self) + 256
  let y = args.y!.of(Int16.self)
  for index in 0..<args.count {
    let value = Int32(x[index])
    let entry = table + Int(value &>> 7)
    let low = Int32(entry[0])
    let rise = (Int32(entry[1]) &- low) &* (value & 127)
    y[index] = Int16(truncatingIfNeeded: low &+ ((rise &+ 64) &>> 7))
  }
}
