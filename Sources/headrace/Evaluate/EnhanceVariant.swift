/// One of the runtime's ways to make dark pictures bright: a tier in an arithmetic.
struct EnhanceVariant: Sendable {
  enum Arithmetic: String, CaseIterable, Sendable {
    case fixed, float32
  }

  let tier: String
  let arithmetic: Arithmetic
  /// The network that tells tones, in the folder of models.
  let tone: String
  /// Products of each pixel at full size.
  let productsPerPixel: Int

  /// In reports, where others' methods have such names too.
  var name: String { "headrace \(tier), \(arithmetic.rawValue)" }

  /// All that the runtime offers, in the order of tables.
  static let all = [
    EnhanceVariant(
      tier: "nano", arithmetic: .fixed, tone: "lowlight/nano-tone.hrm", productsPerPixel: 9),
    EnhanceVariant(
      tier: "nano", arithmetic: .float32, tone: "lowlight/nano-tone.float32.hrm",
      productsPerPixel: 9),
  ]

  static var tiers: [String] {
    all.reduce(into: []) { tiers, each in
      if !tiers.contains(each.tier) { tiers.append(each.tier) }
    }
  }
}
