/// Another method's figures on the 15 test pairs of LOL-v1, 600x400, not scaled to the truth's brightness.
struct PublishedEnhancer: Encodable, Sendable {
  /// Whose word the figures are.
  enum Origin: String, Encodable, Sendable {
    /// Of published weights, run once for this project; not by the command that shows them.
    case run
    /// The paper's own.
    case claimed
  }

  let name: String
  let parameters: Int?
  let gmac: Double?
  let psnr: Double
  let ssim: Double
  let origin: Origin
  let source: String

  static let all = [
    PublishedEnhancer(
      name: "Zero-DCE", parameters: 79_416, gmac: 19.0, psnr: 14.86, ssim: 0.559, origin: .run,
      source: "Guo et al., CVPR 2020"),
    PublishedEnhancer(
      name: "Zero-DCE++", parameters: 10_561, gmac: 0.017, psnr: 15.34, ssim: 0.567, origin: .run,
      source: "Li, Guo and Loy, TPAMI 2021"),
    PublishedEnhancer(
      name: "PairLIE", parameters: 341_767, gmac: 81.8, psnr: 19.52, ssim: 0.736, origin: .run,
      source: "Fu et al., CVPR 2023"),
    PublishedEnhancer(
      name: "CPGA-Net+, small", parameters: 20_042, gmac: 2.11, psnr: 22.52, ssim: 0.814,
      origin: .run, source: "Weng et al., arXiv 2409.05274"),
    PublishedEnhancer(
      name: "IAT", parameters: 91_154, gmac: 6.00, psnr: 23.38, ssim: 0.808, origin: .run,
      source: "Cui et al., BMVC 2022"),
    PublishedEnhancer(
      name: "Multinex", parameters: 45_000, gmac: nil, psnr: 23.19, ssim: 0.843, origin: .claimed,
      source: "CVPR 2026, arXiv 2604.10359"),
    PublishedEnhancer(
      name: "IAGC", parameters: nil, gmac: nil, psnr: 24.53, ssim: 0.842, origin: .claimed,
      source: "Wang et al., ICCV 2023"),
  ]
}
