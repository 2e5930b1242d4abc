/// The square root of an integer, rounded down.
func integerRoot(_ value: UInt64) -> UInt64 {
  guard value > 0 else { return 0 }
  // Two digits of the value for one of the root, from the highest pair that is not zero.
  var digit = UInt64(1) &<< UInt64((63 &- value.leadingZeroBitCount) & ~1)
  var (rest, root) = (value, UInt64(0))
  while digit != 0 {
    if rest >= root &+ digit {
      rest &-= root &+ digit
      root = root &>> 1 &+ digit
    } else {
      root &>>= 1
    }
    digit &>>= 2
  }
  return root
}
