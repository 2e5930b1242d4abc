import CHeadrace

/// The elements of an int8 or int16 latent as symbols: steps of 2^precision from the zero point.
///
///     symbol = floor((element - zeroPoint) / 2^precision + 1/2)
///     element = zeroPoint + symbol * 2^precision, saturated
///
/// Precision, as PACKET.md has it, is the number of lowest bits that are dropped: 0 loses nothing; at p an element is off
/// by at most 2^(p - 1), and the symbol of what comes back is the symbol that was sent.
struct LatentElements {
  private let base: UnsafeMutableRawPointer
  private let isInt16: Bool
  private let zeroPoint: Int32
  private let precision: Int32
  private let half: Int32

  init(_ base: UnsafeMutableRawPointer, _ type: hr_type, zeroPoint: Int32, precision: UInt32) {
    self.base = base
    isInt16 = type == HR_INT16
    self.zeroPoint = zeroPoint
    self.precision = Int32(truncatingIfNeeded: precision)
    half = (1 &<< self.precision) &>> 1
  }

  private var lowest: Int32 { isInt16 ? -32768 : -128 }
  private var highest: Int32 { isInt16 ? 32767 : 127 }

  var lowestSymbol: Int32 { symbol(of: lowest) }
  var highestSymbol: Int32 { symbol(of: highest) }

  private func symbol(of element: Int32) -> Int32 {
    (element &- zeroPoint &+ half) &>> precision
  }

  private func element(of symbol: Int32) -> Int32 {
    max(lowest, min(highest, zeroPoint &+ symbol &<< precision))
  }

  subscript(index: Int) -> Int32 {
    get {
      symbol(
        of: isInt16
          ? Int32(base.loadUnaligned(fromByteOffset: index &* 2, as: Int16.self))
          : Int32(base.load(fromByteOffset: index, as: Int8.self)))
    }
    nonmutating set { store(element(of: newValue), in: base, at: index) }
  }

  /// What the element at `index` comes back as, about the zero point.
  func value(_ index: Int) -> Int32 { element(of: self[index]) &- zeroPoint }

  /// The element that comes back for the one at `index`, written elsewhere: a latent that is not coded.
  func copy(_ index: Int, to destination: UnsafeMutableRawPointer) {
    store(element(of: self[index]), in: destination, at: index)
  }

  private func store(_ element: Int32, in memory: UnsafeMutableRawPointer, at index: Int) {
    if isInt16 {
      memory.storeBytes(
        of: Int16(truncatingIfNeeded: element), toByteOffset: index &* 2, as: Int16.self)
    } else {
      memory.storeBytes(of: Int8(truncatingIfNeeded: element), toByteOffset: index, as: Int8.self)
    }
  }
}
