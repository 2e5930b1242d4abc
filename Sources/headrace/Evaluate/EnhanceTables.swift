import Foundation
import HeadraceCompiler

/// A report as Markdown: all methods beside others' published figures, well-lit pictures, and each picture.
struct EnhanceTables {
  let report: EnhanceReport
  /// Files of figures beside it, with what they show.
  let figures: [(file: String, title: String)]

  var text: String {
    let pictures = figures.map { "![\($0.title)](\($0.file))" }
    return
      (["# Dark pictures made bright", introduction] + pictures
      + [methods, sources, wellLit, "## Each picture, PSNR and SSIM", each])
      .joined(separator: "\n\n") + "\n"
  }

  private var introduction: String {
    let sizes = Set(report.sizes).sorted()
    let size = sizes.count == 1 ? sizes[0] : "\(sizes.count) sizes"
    var sentences = [
      "Written by `headrace evaluate enhance`, \(report.producer), on \(counted(report.pictures.count, "pair")) of"
        + " \(size). Figures are means over pictures, not scaled to the truth's brightness: PSNR over all"
        + " pixels and channels of 8 bits, SSIM with Gaussian windows (1.5) on each channel. ms: of one"
        + " thread of the machine that measured, the fastest of three runs of each picture."
    ]
    if let classical = report.classical { sentences.append(classical) }
    sentences.append(
      report.niqe.map { "NIQE (lower is better): \($0)" } ?? "NIQE was not measured.")
    return sentences.joined(separator: " ")
  }

  private var methods: String {
    var table = MarkdownTable(
      ["method", "figures", "parameters", "GMAC", "PSNR, dB", "SSIM", "NIQE", "ms"], left: [0, 1])
    func add(_ kinds: [EnhanceReport.Kind]) {
      for method in report.methods where kinds.contains(method.kind) {
        let isTruth = method.kind == .truth
        table.add([
          method.name, "this run", thousands(method.parameters), gmac(method.gmac),
          isTruth ? "-" : number(method.mean.psnr, 2), isTruth ? "-" : number(method.mean.ssim, 3),
          number(method.mean.niqe, 2), number(method.mean.milliseconds, 1),
        ])
      }
    }
    add([.dark, .classical])
    for other in report.published {
      table.add([
        other.name, other.origin == .run ? "run elsewhere" : "claimed",
        thousands(other.parameters), gmac(other.gmac), number(other.psnr, 2),
        number(other.ssim, 3), "-", "-",
      ])
    }
    add([.headrace, .truth])
    return table.text
  }

  private var sources: String {
    let names = report.published.map { "\($0.name) (\($0.source))" }.joined(separator: ", ")
    return """
      Figures that are not of this run are of LOL-v1's 15 test pairs, 600x400. Run elsewhere: with \
      published weights, once, for this project. Claimed: the paper's own. Sources: \(names).
      """
  }

  private var wellLit: String {
    var table = MarkdownTable(
      [
        "folder", "method", "pictures", "the same",
        "\(number(EnhanceReport.similar, 0)) dB or more",
        "lowest of the others, dB",
      ], left: [0, 1])
    for each in report.wellLit {
      table.add([
        URL(fileURLWithPath: each.folder).standardizedFileURL.lastPathComponent.printable,
        each.method,
        "\(each.pictures.count)", "\(each.same)", "\(each.similar)", number(each.lowest, 2),
      ])
    }
    return """
      ## Well-lit pictures

      What comes back of pictures that need no more light, compared with themselves.

      \(table.text)
      """
  }

  private var each: String {
    let ours = report.methods.filter { $0.kind == .headrace }
    var table = MarkdownTable(["picture"] + ours.map(\.name), left: [0])
    for (index, name) in report.pictures.enumerated() {
      table.add(
        [name.printable]
          + ours.map { method in
            let figures = method.pictures[index]
            return "\(number(figures.psnr, 2)) / \(number(figures.ssim, 3))"
          })
    }
    return table.text
  }

  private func number(_ value: Double?, _ places: Int) -> String {
    value.map { String(format: "%.\(places)f", $0) } ?? "-"
  }

  private func gmac(_ value: Double?) -> String {
    value.map { String(format: $0 < 1 ? "%.4f" : "%.2f", $0) } ?? "-"
  }

  /// With commas between groups of three digits.
  private func thousands(_ value: Int?) -> String {
    guard let value else { return "-" }
    let digits = Array(String(value))
    return digits.indices.map { index in
      let isGroup = index > 0 && (digits.count - index) % 3 == 0
      return (isGroup ? "," : "") + String(digits[index])
    }.joined()
  }
}
