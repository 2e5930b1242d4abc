/// What an evaluation of enhancement found; `enhance.json` is this. Infinite decibels, of the same picture, are the
/// text "infinity".
struct EnhanceReport: Encodable {
  enum Kind: String, Encodable, Sendable {
    /// The picture as it was.
    case dark
    case classical
    case headrace
    case truth
  }

  /// Of a picture, or means; nil where nothing was measured.
  struct Figures: Encodable, Sendable {
    /// Decibels.
    var psnr: Double?
    var ssim: Double?
    var niqe: Double?
    var milliseconds: Double?

    init() {}

    init(meanOf all: [Figures]) {
      func mean(_ figure: KeyPath<Figures, Double?>) -> Double? {
        let values = all.compactMap { $0[keyPath: figure] }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
      }
      psnr = mean(\.psnr)
      ssim = mean(\.ssim)
      niqe = mean(\.niqe)
      milliseconds = mean(\.milliseconds)
    }
  }

  struct Method: Encodable, Sendable {
    var name: String
    var kind: Kind
    var tier: String?
    var type: String?
    var parameters: Int?
    /// Billions of multiplications of a picture, the mean.
    var gmac: Double?
    var mean = Figures()
    /// In the order of the report's names.
    var pictures: [Figures]
  }

  /// How well-lit pictures of a folder come back from one of our methods.
  struct WellLit: Encodable, Sendable {
    struct Picture: Encodable, Sendable {
      var name: String
      /// To itself.
      var psnr: Double
      /// 1: it got all of the change, 0: none.
      var strength: Double
    }

    var folder: String
    var method: String
    var pictures: [Picture]

    var same: Int { pictures.count { $0.psnr == .infinity } }
    var similar: Int { pictures.count { $0.psnr >= EnhanceReport.similar } }
    /// Of those that are not the same; nil if all are.
    var lowest: Double? { pictures.map(\.psnr).filter(\.isFinite).min() }
  }

  /// Decibels from which on a well-lit picture counts as left alone.
  static let similar = 30.0

  var producer: String
  var data: String
  /// What the classical methods are, if they were run.
  var classical: String?
  /// What NIQE's model is, if it was asked.
  var niqe: String?
  var pictures: [String]
  /// As 600x400, in the order of pictures.
  var sizes: [String]
  /// In the order of tables.
  var methods: [Method]
  var published = PublishedEnhancer.all
  var wellLit: [WellLit]

  enum CodingKeys: String, CodingKey {
    case producer, data, classical, niqe, pictures, sizes, methods, published
    case wellLit = "well_lit"
  }
}
