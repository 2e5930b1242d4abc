import Foundation

/// What an evaluation of split networks found; `split.json` is this. Bytes are of a picture.
struct SplitReport: Encodable {
  enum Kind: String, Encodable, Sendable {
    /// The whole network where the picture is: nothing is sent.
    case unsplit
    /// Pictures that are sent as files to the whole network.
    case jpeg
    case webp
    /// A head's latent in our packets, at a rate.
    case packet
    /// A head's latent as its elements are.
    case raw
    /// The same, compressed by others without loss.
    case compressed
  }

  struct Method: Encodable, Sendable {
    var name: String
    var kind: Kind
    /// Of packets and raw latents: the head's name.
    var head: String?
    /// Of packets the rate, of files the quality.
    var setting: Int?
    var meanBytes: Double?
    /// A hundredth of the pictures take more.
    var highBytes: Double?
    /// Share of pictures whose class is the likeliest; nil: not asked, as for lossless coding, where it is the raw
    /// latent's.
    var accuracy: Double?

    enum CodingKeys: String, CodingKey {
      case name, kind, head, setting, accuracy
      case meanBytes = "mean_bytes"
      case highBytes = "p99_bytes"
    }
  }

  /// How much less a head's latents take without loss in our packets than otherwise.
  struct Lossless: Encodable, Sendable {
    var head: String
    /// 0.3: 30 % less.
    var belowRaw: Double
    var belowZlib: Double?
    var belowZstd: Double?

    enum CodingKeys: String, CodingKey {
      case head
      case belowRaw = "below_raw"
      case belowZlib = "below_zlib"
      case belowZstd = "below_zstd"
    }
  }

  var producer: String
  var data: String
  var pictures: Int
  /// The first of so many pictures of the list was taken.
  var every: Int
  var methods: [Method]
  var lossless: [Lossless]
  /// What compressed latents: versions and settings.
  var compressors: String?

  var unsplit: Double? { methods.first { $0.kind == .unsplit }?.accuracy }
}

extension SplitReport.Method {
  /// Sets the figures of bytes.
  mutating func set(bytes: [Int]) {
    let sorted = bytes.sorted()
    meanBytes = Double(sorted.reduce(0, +)) / Double(sorted.count)
    highBytes = Double(sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
  }
}
