/// `latent.rates` of a head: for each rate how many layers are sent and how many of the lowest bits are dropped, as
/// PACKET.md has it.
struct LatentRates {
  static let key = "latent.rates"
  /// HR_MAX_RATES.
  private static let most = 15
  /// What four bits of a packet hold.
  private static let coarsest = 15

  let rates: [(layers: Int, precision: Int)]

  var text: String { rates.map { "\($0.layers) \($0.precision)" }.joined(separator: " ") }

  /// - Throws: `CompilerError` unless `text` has 1 to 15 pairs of layers, at most `layerCount`, and bits.
  init(_ text: String, layerCount: Int) throws {
    func fail(_ problem: String) -> CompilerError {
      CompilerError("headrace.\(Self.key) \(problem)", at: "metadata_props")
    }
    let numbers = try numbers(text) {
      fail("holds '\($0)'; expected whole numbers between spaces, as 4 2 6 0")
    }
    guard numbers.count.isMultiple(of: 2), (1...Self.most).contains(numbers.count / 2) else {
      throw fail(
        "has \(numbers.count) numbers; expected two for each of 1 to \(Self.most) rates, its layers and the bits"
          + " that it drops")
    }
    rates = stride(from: 0, to: numbers.count, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
    for (rate, value) in rates.enumerated() {
      guard (1...layerCount).contains(value.layers) else {
        throw fail("sends \(value.layers) layers at rate \(rate); the latent has \(layerCount)")
      }
      guard (0...Self.coarsest).contains(value.precision) else {
        throw fail("drops \(value.precision) bits at rate \(rate); 0 to \(Self.coarsest) can be")
      }
    }
  }
}
