/// One of the runtime's ways to make dark pictures bright: a tier in an arithmetic.
struct EnhanceVariant: Sendable {
  enum Arithmetic: String, CaseIterable, Sendable {
    case fixed, float32
  }

  let tier: String
  let arithmetic: Arithmetic
  /// The network that tells tones, in the folder of models.
  let tone: String
  /// The network that removes noise, likewise; nil if the tier has none.
  let clean: String?
  /// Products of each pixel at full size, besides those of networks.
  let productsPerPixel: Int

  /// In reports, where others' methods have such names too.
  var name: String { "headrace \(tier), \(arithmetic.rawValue)" }

  private init(_ tier: String, _ arithmetic: Arithmetic, cleans: Bool) {
    (self.tier, self.arithmetic) = (tier, arithmetic)
    let ending = arithmetic == .fixed ? "hrm" : "float32.hrm"
    tone = "lowlight/\(tier)-tone.\(ending)"
    clean = cleans ? "lowlight/\(tier)-clean.\(ending)" : nil
    // Tones are three by three, and a clean network reads the picture filtered and as it is.
    productsPerPixel = cleans ? 18 : 9
  }

  /// All that the runtime offers, in the order of tables.
  static let all =
    Arithmetic.allCases.map { EnhanceVariant("nano", $0, cleans: false) }
    + ["real-time", "quality"].flatMap { tier in
      Arithmetic.allCases.map { EnhanceVariant(tier, $0, cleans: true) }
    }

  static var tiers: [String] {
    all.reduce(into: []) { tiers, each in
      if !tiers.contains(each.tier) { tiers.append(each.tier) }
    }
  }
}
