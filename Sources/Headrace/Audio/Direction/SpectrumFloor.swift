/// How near to perfect an agreement with a direction counts, in hundredths: what keeps a single vote from outweighing
/// a window. Vectors of many frames are more exact.
struct SpectrumFloor {
  let hundredths: Int32

  static var ofMany: SpectrumFloor { SpectrumFloor(hundredths: 2) }
  static var ofFew: SpectrumFloor { SpectrumFloor(hundredths: 4) }
  static var ofPlain: SpectrumFloor { SpectrumFloor(hundredths: 5) }

  var share: Float { Float(hundredths) / 100 }
}
