import CHeadrace

/// What the rates of a head mean, where its file says so: metadata `latent.rates` of PACKET.md.
struct RateList {
  /// A byte for each rate: layers in the low four bits, precision in the high four.
  private var rates = InlineArray<15, UInt8>(repeating: 0)
  private(set) var count = 0

  init() {}

  /// - Parameter text: For each rate its layers and its precision, as decimal numbers between spaces.
  init(_ text: Text, layerCount: Int) throws(Failure) {
    var words = TextScanner(text)
    while !words.isAtEnd() {
      guard let layers = words.decimal(), (1...Int32(layerCount)).contains(layers),
        let precision = words.decimal(), (0...15).contains(precision), count < Int(HR_MAX_RATES)
      else {
        throw .badModel("latent.rates are not 1 to 15 pairs of layers and precision")
      }
      rates[count] = UInt8(truncatingIfNeeded: layers | precision &<< 4)
      count &+= 1
    }
    guard count > 0 else { throw .badModel("latent.rates are empty") }
  }

  func layers(_ rate: Int) -> Int { Int(rates[rate] & 15) }
  func precision(_ rate: Int) -> UInt32 { UInt32(rates[rate] &>> 4) }
}
