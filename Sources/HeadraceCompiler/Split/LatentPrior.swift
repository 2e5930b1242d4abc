/// `latent.prior` of a head: the numbers of the learned prior, as PACKET.md has them. For each channel c those of
/// its mean, then those of its scale: a bias, weights of four neighbours and of the c channels before.
struct LatentPrior {
  static let key = "latent.prior"
  /// What the runtime's coder takes.
  private static let mostChannels = 64

  let numbers: [Int]
  let channels: Int

  var text: String { numbers.map(String.init).joined(separator: " ") }

  /// Of the mean or the scale of a channel.
  private static func count(_ channel: Int) -> Int { 5 + channel }

  /// - Throws: `CompilerError` unless `text` has the numbers of one channel or more, all within their ranges.
  init(_ text: String) throws {
    func fail(_ problem: String) -> CompilerError {
      CompilerError("headrace.\(Self.key) \(problem)", at: "metadata_props")
    }
    numbers = try HeadraceCompiler.numbers(text) {
      fail("holds '\($0)'; expected whole numbers between spaces, in 4,096ths")
    }
    var (channel, next) = (0, 0)
    while next < numbers.count {
      let end = next + 2 * Self.count(channel)
      guard end <= numbers.count else {
        throw fail(
          "has \(numbers.count) numbers, but \(channel) channels take \(next) and \(channel + 1) take \(end);"
            + " each channel c has 5 + c of its mean and 5 + c of its scale")
      }
      for (index, number) in numbers[next..<end].enumerated() {
        let isScale = index >= Self.count(channel)
        let limit = index % Self.count(channel) == 0 ? 1 << 24 : 32767
        guard (isScale ? 0 : -limit)...limit ~= number else {
          throw fail(
            "has \(number) as number \(next + index), of the \(isScale ? "scale" : "mean") of channel \(channel);"
              + " it has to be \(isScale ? 0 : -limit) to \(limit)")
        }
      }
      (channel, next) = (channel + 1, end)
    }
    guard channel > 0 else { throw fail("is empty; leave it out, or export the prior") }
    guard channel <= Self.mostChannels else {
      throw fail("is about \(channel) channels; at most \(Self.mostChannels) are coded with one")
    }
    channels = channel
  }
}
